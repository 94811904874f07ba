import { isWindows } from '../../support/where';
import { bothTraces, type Scene, wires } from './sides';

/*
 * What differs on purpose, so that no scene shows it:
 * - `remoteAddress` is known after the end: that is when it is logged.
 * - `writableLength` and `bytesWritten` count text in bytes, not in characters.
 * - Text that was written before it connected is told as done after 'ready', not before.
 * - A reset sends no end before it, which would hide the reset from a peer that has stopped reading at the end.
 * - It cannot be connected again once it is closed.
 * - A TLSSocket over it has no addresses: Node.js asks the handle of a net.Socket for them. Those of the Duplex remain.
 */

/** More than any system takes at once. */
export const MANY = 5_000_000;

/** Unlike `once` it does not mind an `'error'` before. */
export const ended = (stream: Scene['stream']) =>
  new Promise((resolve) => {
    stream.once('close', resolve);
  });

export interface Play {
  readonly title: string;
  readonly play: (scene: Scene) => Promise<unknown>;
  readonly allowHalfOpen?: boolean;
  /** Whether its trace has events of both ends, whose order among each other Windows does not keep. */
  readonly ordersBothEnds?: boolean;
}

/** Plays each over every wire, with a net.Socket and with our Duplex, and wants the same traces. */
export function playAll(plays: readonly Play[]): void {
  describe.each(wires)('a Duplex over $name does as a net.Socket does', (wire) => {
    const played = isWindows ? plays.filter(({ ordersBothEnds }) => !ordersBothEnds) : plays;
    test.each(played)('$title', async ({ play, allowHalfOpen = false }) => {
      const traces = await bothTraces(wire, { allowHalfOpen }, play);
      expect(traces.bipoll).toEqual(traces.net);
    });
  });
}
