import { orThrow, socketError, type SocketError, type Where } from './errors';
import { bitOf, STREAM_EVENTS } from './events';
import { native } from './native';
import { Claim, Socket } from './Socket';

const DETERMINED = bitOf('determined');
const SUCCEEDED = bitOf('connectionSucceeded');
const FAILED = bitOf('connectionFailed');
const DATA_AVAILABLE = bitOf('dataAvailable');
const READY_TO_WRITE = bitOf('readyToWrite');
const REMOTE_DISCONNECTED = bitOf('remoteDisconnected');

/** A connection, or one that is still being made: the *future connection*. Every method returns at once. */
export abstract class FutureConnection extends Socket {
  override readonly possibleEvents = STREAM_EVENTS;

  /** The other end, for errors. @internal */
  abstract readonly where: Where;

  /** Whether connecting is over, either way. */
  determined(): boolean {
    return this.holds(DETERMINED);
  }

  /** Whether it is connected, and the peer has not left. */
  connectionSucceeded(): boolean {
    return this.holds(SUCCEEDED);
  }

  /** Whether connecting failed; `connectionError()` says why. */
  connectionFailed(): boolean {
    return this.holds(FAILED);
  }

  /** Why connecting failed, or null. */
  connectionError(): SocketError | null {
    const failure = native.connectionError(this.token);
    return failure === 0 ? null : socketError(failure, 'connect', this.where);
  }

  /** Whether a read would return at least one byte, or a message, now, even if the peer has left since. */
  dataAvailable(): boolean {
    return this.holds(DATA_AVAILABLE);
  }

  /**
   * Whether the system would take at least one byte, or a message, now. It takes none any more once the connection is
   * broken: who waits for room waits for `'remoteDisconnected'` as well.
   */
  readyToWrite(): boolean {
    return this.holds(READY_TO_WRITE);
  }

  /** Whether the peer will send nothing more: it ended, was reset or is gone. Bytes may be unread. */
  remoteDisconnected(): boolean {
    return this.holds(REMOTE_DISCONNECTED);
  }

  /**
   * Ends the sending side; the peer sees the end once it has read all. Reading goes on. A Windows pipe has no
   * half-close: there nothing more can be written, but the peer sees the end only when the stream is closed.
   */
  shutdown(): void {
    this.checkUnclaimed(Claim.Writing);
    orThrow(native.shutdown(this.token), 'shutdown', this.where);
  }

  /** How connecting went, and whether the peer has left, for inspection. @internal */
  protected get state(): string {
    if (this.closed) return 'closed';
    const held = native.holds(this.token, DETERMINED | FAILED | REMOTE_DISCONNECTED);
    if (held & FAILED) return 'connecting failed';
    if (held & REMOTE_DISCONNECTED) return 'the peer has left';
    return held & DETERMINED ? 'connected' : 'connecting';
  }
}
