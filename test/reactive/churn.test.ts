import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { freshPath } from '../support/freshPath';
import { canCountDescriptors } from '../support/descriptors';
import { inEnvironment, loops } from '../support/loops';
import { allowingDescriptors, canHaveDescriptors } from '../support/manyDescriptors';
import { PATIENCE } from '../support/patience';
import { exitOf, startScript } from '../support/script';
import { isSanitized, isWindows, testWhere } from '../support/where';

const CLIENTS = 5000;
const DESCRIPTORS = CLIENTS + 100;
const ROUNDS = 3;
/** Under Wine it takes a few more rounds until the heap of V8 grows no more. */
const maxGrowth = isSanitized ? Infinity : (isWindows ? 64 : 32) * 2 ** 20;

interface Report {
  /** Descriptors more than at first; 0 where they cannot be counted. */
  left: number;
  /** Bytes. */
  rss: number;
}

/** An echo server that says what it holds whenever it is asked: by a line. */
const server = (path: string) => `
  ${allowingDescriptors(DESCRIPTORS)}
  import { readdirSync } from 'node:fs';
  import { createInterface } from 'node:readline';
  import { EMPTY, catchError, mergeMap } from 'rxjs';
  import { listen } from 'bipoll/reactive';
  const openDescriptors = () => ${canCountDescriptors} ? readdirSync('/proc/self/fd').length : 0;
  let atFirst;
  createInterface({ input: process.stdin }).on('line', () => {
    const started = performance.now();
    const report = () => {
      // The clients of a round may be gone before the server has heard of all of it.
      if (openDescriptors() > atFirst && performance.now() < started + ${PATIENCE}) {
        setTimeout(report, 10);
        return;
      }
      global.gc();
      console.log(JSON.stringify({ left: openDescriptors() - atFirst, rss: process.memoryUsage.rss() }));
    };
    report();
  });
  const onListening = () => {
    console.log('listening'); // which opens one itself
    atFirst = openDescriptors();
  };
  listen({ path: ${JSON.stringify(path)} }, { backlog: 4096, onListening })
    .pipe(mergeMap((connection) => connection.send(connection.data$).pipe(catchError(() => EMPTY))))
    .subscribe();`;

/** A round of clients with messages of random sizes in random pieces, of which half vanish at a random moment. */
const clients = (path: string) => `
  ${allowingDescriptors(DESCRIPTORS)}
  import { randomBytes, randomInt } from 'node:crypto';
  import { catchError, defer, from, last, map, merge, mergeMap, of, takeWhile } from 'rxjs';
  import { connect } from 'bipoll/reactive';
  const source = randomBytes(1 << 20);
  function* pieces(bytes) {
    for (let start = 0; start < bytes.length; ) {
      const end = start + randomInt(1, 1 + bytes.length);
      yield bytes.subarray(start, end);
      start = end;
    }
  }
  function client(index) {
    const start = randomInt(source.length / 2);
    const bytes = source.subarray(start, start + randomInt(1, 30_000));
    const vanishesAt = index % 2 ? randomInt(bytes.length) : Infinity;
    let received = 0;
    return connect({ path: ${JSON.stringify(path)} }).pipe(
      mergeMap((connection) => merge(
        connection.send(pieces(bytes)).pipe(map(() => true)),
        connection.data$.pipe(map((chunk) => {
          if (!chunk.equals(bytes.subarray(received, received + chunk.length))) throw new Error('wrong bytes');
          received += chunk.length;
          return received < Math.min(bytes.length, vanishesAt);
        })),
      )),
      takeWhile((goesOn) => goesOn),
      last(null, true),
      map(() => index % 2 || received === bytes.length ? 'right' : 'short'),
      catchError((error) => of(String(error))),
    );
  }
  const results = {};
  from(Array.from({ length: ${CLIENTS} }, (_, index) => client(index)))
    .pipe(mergeMap((result) => result))
    .subscribe({
      next: (result) => { results[result] = (results[result] ?? 0) + 1; },
      complete: () => console.log(JSON.stringify(results)),
    });`;

const test5000 = testWhere(
  canHaveDescriptors(DESCRIPTORS),
  'the limit of descriptors cannot be raised here',
);

describe.each(loops)('5,000 clients on $name', (loop) => {
  const running: ChildProcess[] = [];
  afterEach(() => {
    for (const each of running.splice(0)) each.kill('SIGKILL');
  });
  inEnvironment(loop);

  test5000(
    'get every byte back, though half of them vanish, and leave nothing behind',
    async () => {
      const path = freshPath();
      const serving = startScript(server(path), '--expose-gc');
      running.push(serving);
      const said = createInterface({ input: serving.stdout! })[Symbol.asyncIterator]();
      await said.next();
      const memory: number[] = [];
      for (let i = 0; i < ROUNDS; i++) {
        const round = startScript(clients(path));
        running.push(round);
        const exit = exitOf(round);
        let output = '';
        for await (const chunk of round.stdout!) output += (chunk as Buffer).toString();
        expect(JSON.parse(output)).toEqual({ right: CLIENTS });
        expect(await exit).toBe(0);
        serving.stdin!.write('report\n');
        const { left, rss } = JSON.parse((await said.next()).value as string) as Report;
        expect(left).toBe(0);
        memory.push(rss);
      }
      expect(memory[2]! - memory[0]!).toBeLessThan(maxGrowth);
    },
  );
});
