import { createHash } from 'node:crypto';
import { freshPath } from '../support/freshPath';
import { inEnvironment, loops } from '../support/loops';
import { exitOf, startScript } from '../support/script';
import { isSanitized } from '../support/where';

const MIB = 2 ** 20;
const TOTAL = 1024 * MIB;
/** When V8 collects is its own affair, so some of what was passed on is still there: but not most of it. */
const maxGrowth = isSanitized ? Infinity : TOTAL / 4;

/** A pattern whose period is no power of two, so that a chunk in the wrong place does not go unnoticed. */
const PATTERN = `
  const pattern = Buffer.alloc(999_983);
  for (let i = 0; i < pattern.length; i++) pattern[i] = (i * 31) ^ (i >> 8);
  function* chunks() {
    for (let sent = 0; sent < ${TOTAL}; sent += pattern.length) {
      yield pattern.subarray(0, Math.min(pattern.length, ${TOTAL} - sent));
    }
  }`;

/** What a process prints about its memory: how far it grew over what it had when it began, in bytes. */
const WATCH_MEMORY = `
  let peak = 0;
  const start = process.memoryUsage.rss();
  const watch = setInterval(() => { peak = Math.max(peak, process.memoryUsage.rss() - start); }, 5);
  watch.unref();`;

const SLOW_CONSUMER = (path: string) => `
  import { createHash } from 'node:crypto';
  import { ignoreElements, map, mergeMap, take, timer } from 'rxjs';
  import { decode, listen, pacedMap } from 'bipoll/reactive';
  const MIB = ${MIB};
  const mebibytes = {
    maxEncodedBytes: MIB,
    decode: (bytes) => bytes.length < MIB ? null : { frame: bytes.subarray(0, MIB), length: MIB },
    decodeEnd: () => null,
    copyFrame: (frame) => Buffer.from(frame),
  };
  const hash = createHash('sha1');
  let received = 0;
  ${WATCH_MEMORY}
  listen({ path: ${JSON.stringify(path)} }, { onListening: () => console.log('listening') })
    .pipe(
      take(1),
      mergeMap(({ data$ }) => data$.pipe(
        decode(mebibytes),
        pacedMap((mebibyte) => {
          received += mebibyte.length;
          hash.update(mebibyte);
          return timer(0).pipe(ignoreElements());
        }),
      )),
    )
    .subscribe({ complete: () => console.log(JSON.stringify({ received, peak, hash: hash.digest('hex') })) });`;

const SENDER = (path: string) => `
  import { mergeMap } from 'rxjs';
  import { connect } from 'bipoll/reactive';
  ${PATTERN}
  ${WATCH_MEMORY}
  connect({ path: ${JSON.stringify(path)} })
    .pipe(mergeMap((connection) => connection.send((function* () {
      yield* chunks();
      connection.end();
    })())))
    .subscribe({ complete: () => console.log(JSON.stringify({ peak })) });`;

interface Report {
  received: number;
  peak: number;
  hash: string;
}

/** The lines that a script printed, to its end. */
async function outputOf(script: ReturnType<typeof startScript>): Promise<string> {
  let output = '';
  for await (const chunk of script.stdout!) output += (chunk as Buffer).toString();
  return output;
}

function expectedHash(): string {
  const pattern = Buffer.alloc(999_983);
  for (let i = 0; i < pattern.length; i++) pattern[i] = (i * 31) ^ (i >> 8);
  const hash = createHash('sha1');
  for (let sent = 0; sent < TOTAL; sent += pattern.length) {
    hash.update(pattern.subarray(0, Math.min(pattern.length, TOTAL - sent)));
  }
  return hash.digest('hex');
}

describe.each(loops)('1 GiB on $name', (loop) => {
  inEnvironment(loop);

  test('goes from a fast sender to a slow consumer, in order, and neither of them grows', async () => {
    const path = freshPath();
    const consumer = startScript(SLOW_CONSUMER(path));
    const consumed = outputOf(consumer);
    await new Promise((resolve) => consumer.stdout!.once('data', resolve));
    const sender = startScript(SENDER(path));
    const [sent, exits] = await Promise.all([
      outputOf(sender),
      Promise.all([exitOf(sender), exitOf(consumer)]),
    ]);
    expect(exits).toEqual([0, 0]);
    const report = JSON.parse((await consumed).split('\n')[1]!) as Report;
    expect(report).toMatchObject({ received: TOTAL, hash: expectedHash() });
    expect(report.peak).toBeLessThan(maxGrowth);
    expect((JSON.parse(sent) as Report).peak).toBeLessThan(maxGrowth);
  });
});
