import { setTimeout as pause } from 'node:timers/promises';
import { PATIENCE } from './patience';

/** Gives the event loop turns until something holds. Patient, as a sanitizer makes everything slow. */
export async function until(holds: () => boolean, what = 'it', timeout = PATIENCE): Promise<void> {
  const deadline = performance.now() + timeout;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`${what} did not happen in ${timeout} ms`);
    await pause(1);
  }
}
