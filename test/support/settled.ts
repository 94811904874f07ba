import { socketPair } from 'bipoll';
import { fromSocket, EventLoop } from 'bipoll/reactive';
import { until } from './until';

/** More than any pipeline under test has stages: in each round every stage that can go on does so. */
const ROUNDS = 10;

/**
 * Waits until the loop has delivered everything that was ready before the call, and what followed from it. A byte is sent
 * through the loop in each of several rounds, and no byte overtakes what was ready before it. So that nothing happened
 * until then does not depend on time: on a slow machine the rounds take longer, and their order is the same.
 *
 * The bytes travel over a connection of their own, which the diagnostics channels report like any other.
 */
export async function settled(loop: EventLoop = EventLoop.default): Promise<void> {
  await rounds(loop, () => undefined);
}

/** Waits until a value has not changed through as many rounds as {@link settled} takes, and returns it. */
export function atRest<T>(read: () => T, loop: EventLoop = EventLoop.default): Promise<T> {
  return rounds(loop, read);
}

async function rounds<T>(loop: EventLoop, read: () => T): Promise<T> {
  const [left, right] = socketPair();
  let heard = 0;
  const reading = fromSocket(left, { loop }).data$.subscribe(({ length }) => (heard += length));
  try {
    let last = read();
    for (let sent = 0, still = 0; still < ROUNDS; still++) {
      sent += right.write(Buffer.alloc(1));
      await until(() => heard === sent, 'a round of the event loop');
      const now = read();
      if (now !== last) still = -1;
      last = now;
    }
    return last;
  } finally {
    reading.unsubscribe();
    left.close();
    right.close();
  }
}
