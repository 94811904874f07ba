import { checkBytes, invalidValue } from './argument';
import { checkDescriptors } from './checkDescriptors';
import { orThrow } from './errors';
import { END, native, type Token } from './native';
import { type PeerCredentials, peerCredentialsOf } from './peerCredentials';
import { Claim, type Socket } from './Socket';
import { StreamSocket } from './StreamSocket';

/** What one message contained. */
export interface ReceivedDescriptors {
  /** As from `read`: bytes, `0` for none now, `null` at the end. */
  bytes: number | null;
  /**
   * The sockets attached to them, each of the class that the system says it is. Anything that is none of ours, such as a
   * directory, is a `Descriptor`. You must close them.
   */
  sockets: Socket[];
}

/** Makes the object for a received socket; set by adopt.ts, which knows every kind. */
export type SocketMaker = (kind: number, token: Token) => Socket;
let makeSocket: SocketMaker;
export function setSocketMaker(maker: SocketMaker): void {
  makeSocket = maker;
}

/** A connection on this machine: a Unix socket, or a named pipe of Windows. */
export class LocalStream extends StreamSocket {
  /** The server's path; empty for a pair. */
  readonly path: string;

  /** @internal */
  constructor(token: Token, path: string) {
    super(token, 'local stream');
    this.path = path;
  }

  /** Who is at the other end, or null where the system does not tell. */
  peerCredentials(): PeerCredentials | null {
    return peerCredentialsOf(this.token);
  }

  /**
   * Sends bytes with sockets attached. The peer gets descriptors of its own; these stay yours to close.
   *
   * @param bytes at least one byte, which carries them
   * @returns the number of bytes taken; `0`: none, and no socket was sent. All sockets go with the first
   *   byte, so the rest is sent with `write`
   */
  sendDescriptors(bytes: Uint8Array, sockets: readonly Socket[]): number {
    checkBytes('bytes', bytes);
    if (bytes.length === 0) throw invalidValue('bytes', 'must hold at least one byte', bytes);
    const tokens = checkDescriptors('sockets', sockets).map(({ token }) => token);
    this.checkUnclaimed(Claim.Writing);
    return orThrow(native.sendDescriptors(this.token, bytes, tokens), 'sendmsg', this.where);
  }

  /**
   * Reads bytes together with the sockets attached to them. Sockets attached to bytes that are read in
   * any other way are closed by the system, so a protocol that passes them reads with this alone.
   */
  receiveDescriptors(buffer: Uint8Array): ReceivedDescriptors {
    checkBytes('buffer', buffer);
    if (buffer.length === 0) throw invalidValue('buffer', 'must have room for a byte', buffer);
    const { token } = this;
    this.checkUnclaimed(Claim.Reading);
    if (this.unreadBytes !== undefined) {
      const sockets = this.unread.takeDescriptors(buffer.length);
      return { bytes: this.read(buffer), sockets };
    }
    const received: number[] = [];
    const got = native.receiveDescriptors(token, buffer, received);
    if (got === END) return { bytes: null, sockets: [] };
    const bytes = orThrow(got, 'recvmsg', this.where);
    const sockets: Socket[] = [];
    for (let i = 0; i < received.length; i += 2) {
      sockets.push(makeSocket(received[i]!, received[i + 1]!));
    }
    return { bytes, sockets };
  }

  /** @internal */
  get where(): { path?: string } {
    return this.path === '' ? {} : { path: this.path };
  }

  /** @internal */
  protected override description(): Readonly<Record<string, unknown>> {
    return { state: this.state, path: this.path || undefined, unreadBytes: this.unreadBytes };
  }
}
