import { checkBytes } from './argument';
import { orThrow } from './errors';
import { bitOf, DESCRIPTOR_EVENTS } from './events';
import { END, native, type Token } from './native';
import { Socket } from './Socket';

const READABLE = bitOf('readable');
const WRITABLE = bitOf('writable');
const HANGUP = bitOf('hangup');

/**
 * A descriptor that is no stream socket: a pipe, a terminal, a file, a datagram socket. Its flags stay unchanged, since
 * other processes may share them (a terminal is shared with the shell). No call here blocks even so: on Linux a pipe or
 * a terminal is opened a second time for that, which takes another descriptor.
 */
export class Descriptor extends Socket {
  override readonly possibleEvents = DESCRIPTOR_EVENTS;

  /** @internal */
  constructor(token: Token) {
    super(token, 'descriptor');
  }

  /** Whether `read` would return something now: bytes, the end, or an error. */
  readable(): boolean {
    return this.holds(READABLE);
  }

  /** Whether `write` would take bytes now, or fail. */
  writable(): boolean {
    return this.holds(WRITABLE);
  }

  /** Whether the other end is gone. Bytes may be unread. */
  hangup(): boolean {
    return this.holds(HANGUP);
  }

  /** @internal */
  protected override description(): { state: string } {
    if (this.closed) return { state: 'closed' };
    return { state: this.hangup() ? 'hung up' : 'open' };
  }

  /** Reads what is there. @returns bytes read; `0`: nothing there now; `null` at the end */
  read(buffer: Uint8Array): number | null {
    checkBytes('buffer', buffer);
    const got = native.read(this.token, buffer, 0, buffer.length, false);
    return got === END ? null : orThrow(got, 'read');
  }

  /** Writes what the system takes. @returns bytes taken, `0` if it takes none now */
  write(buffer: Uint8Array): number {
    checkBytes('buffer', buffer);
    return orThrow(native.write(this.token, buffer, 0, buffer.length), 'write');
  }
}
