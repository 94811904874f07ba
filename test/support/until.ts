import { setTimeout as pause } from 'node:timers/promises';

/** Gives the event loop turns until something holds. Patient, as a sanitizer makes everything slow. */
export async function until(holds: () => boolean, what = 'it', timeout = 30_000): Promise<void> {
  const deadline = performance.now() + timeout;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`${what} did not happen in ${timeout} ms`);
    await pause(1);
  }
}

/** Waits until a value moves no more, to see where it comes to a halt. */
export async function halted<T>(read: () => T): Promise<T> {
  for (let last = read(); ;) {
    await pause(50);
    const now = read();
    if (now === last) return now;
    last = now;
  }
}
