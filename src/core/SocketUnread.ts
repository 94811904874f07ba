import { SocketBusyError } from './errors';
import { native, type Token } from './native';
import { Unread } from './Unread';

/** The unread bytes of a socket. Reads give them first, and the engine counts them as data. */
export class SocketUnread extends Unread {
  #isNoted = false;

  /** Lets the engine know whether there are any. */
  note(token: Token): void {
    const holds = this.length > 0;
    if (holds === this.#isNoted) return;
    this.#isNoted = holds;
    native.noteUnread(token, holds);
  }

  /** Moves, or with `peek` copies, as many as there is room for. @returns how many */
  readInto(buffer: Uint8Array, start: number, end: number, peek: boolean): number {
    const count = Math.min(this.length, end - start);
    buffer.set(this.view().subarray(0, count), start);
    if (!peek) this.consume(count);
    return count;
  }

  /** Refuses to give the descriptor away, since the bytes would be lost. */
  checkNone(): void {
    if (this.length === 0) return;
    throw new SocketBusyError(
      `The socket has ${this.length} bytes that a verb has read and nobody has taken: read them first`,
    );
  }
}
