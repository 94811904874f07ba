import { EMPTY, type Observable } from 'rxjs';
import * as reactive from 'bipoll/reactive';
import { readExactly } from 'bipoll/sync';
import { loops } from '../support/loops';
import { Pair } from '../support/Pair';
import { PATIENCE } from '../support/patience';
import { sequence, strange } from '../support/strange';

/** A result, or an error with a code. What is cold is subscribed to as well. */
function callStrangely(call: (...args: never[]) => unknown, next: (limit: number) => number): void {
  const args = Array.from({ length: next(4) }, () => strange[next(strange.length)]);
  try {
    const result = call(...(args as never[]));
    // An operator, to be applied to nothing.
    if (typeof result === 'function') {
      (result as (source: Observable<never>) => Observable<unknown>)(EMPTY)
        .subscribe({ error: expectCode })
        .unsubscribe();
    } else if (result instanceof Promise) {
      (result as Promise<unknown>).catch(expectCode);
    }
  } catch (error) {
    expectCode(error);
  }
}

function expectCode(error: unknown): void {
  expect(error).toHaveProperty('code', expect.stringMatching(/^E[A-Z_]+$/));
}

test('whatever the arguments, every call gives a result or an error with a code', () => {
  const next = sequence(1);
  const loop = new reactive.EventLoop();
  for (let round = 0; round < 50; round++) {
    const pair = new Pair({ loop });
    const { connection } = pair;
    const functions = Object.entries(reactive)
      .filter(([name]) => /^[a-z]/.test(name))
      .map(([, value]) => value as () => unknown);
    const methods = (['write', 'send', 'end', 'close'] as const).map(
      (name) =>
        (...args: never[]) =>
          (connection[name] as (...each: never[]) => unknown)(...args),
    );
    const constructing = (...args: never[]) => {
      new reactive.EventLoop(...args).close();
    };
    const calls = [...functions, ...methods, constructing];
    for (let i = 0; i < 200; i++) callStrangely(calls[next(calls.length)]!, next);
    pair.close();
  }
  loop.close();
});

test('a loop that is closed refuses what comes, and says nothing more', () => {
  const loop = new reactive.EventLoop();
  const pair = new Pair({ loop });
  const seen: unknown[] = [];
  pair.connection.data$.subscribe((chunk) => seen.push(chunk));
  loop.close();
  loop.close();
  const other = new Pair({ loop });
  let error: unknown;
  other.connection.data$.subscribe({ error: (reason: unknown) => (error = reason) });
  expect(error).toMatchObject({ code: 'ERR_SOCKET_CLOSED' });
  pair.close();
  other.close();
  expect(seen).toEqual([]);
});

test.each(loops)('closed, $name has sent what was written, and takes no more', async ({ open }) => {
  const loop = open();
  const { connection, peer } = new Pair({ loop });
  connection.data$.subscribe(); // so that it is in the loop
  connection.write('last words');
  loop.close();
  const isClosed = expect.objectContaining({ code: 'ERR_SOCKET_CLOSED' }) as Error;
  expect(() => connection.write('more')).toThrow(isClosed);
  expect(() => connection.write(Buffer.alloc(50_000))).toThrow(isClosed);
  expect(readExactly(peer, 10, { timeout: PATIENCE }).toString()).toBe('last words');
  await connection[Symbol.asyncDispose]();
  expect(connection.socket.closed).toBe(true);
  peer.close();
});
