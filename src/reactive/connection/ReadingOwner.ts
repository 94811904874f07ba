import type { Where } from '../../core/errors';
import type { Holdable } from '../pacing/Holds';

/** The connection that a reading half is one of. */
export interface ReadingOwner {
  /** Somebody has subscribed. */
  enter(): void;
  /** Somebody has unsubscribed. */
  leave(): void;
  /** Why it is closed; undefined while it is open. */
  readonly reason: Error | null | undefined;
  /** What to watch for may have changed. */
  update(): void;
  /** It is held back from now on. */
  onHeld(): void;
  /** It is read again, after it was held back. */
  onReleased(): void;
  /** Calls back in the context of the connection. */
  inContext(call: () => void): void;
  /** The reader has left, before the end. */
  onReaderLeft(): void;
  /** All has been read and delivered: null for the peer's end, else why reading failed. */
  onAllRead(failure: Error | null): void;
  /** Who is at the other end, for errors. */
  readonly peer: Where;
  /** Who accepted it; null if nobody did. */
  readonly acceptor: Holdable | null;
  /** Ends our side, and closes once the peer has ended its own. */
  linger(): void;
  /** Closes once what is queued is sent. */
  windUp(): void;
}
