import type { StreamSocket } from '../../core/StreamSocket';
import type { Unread } from '../../core/Unread';
import type { Ends } from './Ends';

/** What can be sent: bytes, or text as UTF-8. */
export type Chunk = Uint8Array | string;

/**
 * What carries the bytes of a connection: a socket of the engine, a marble diagram. It knows nothing of Observables; it
 * does what it is told, and tells its {@link TransportEvents} what happens.
 */
export interface Transport {
  /** Tell these from now on. Called once, before all else. */
  start(events: TransportEvents): void;

  /** Whether the bytes of `onBytes` are only lent, for the time of the call. */
  readonly lends: boolean;
  /** The core socket. @throws of what has none */
  readonly socket: StreamSocket;
  /** Who is at the two ends. */
  readonly ends: Ends;

  /** Bytes that were read and not delivered: the connection's to change. */
  readonly unread: Unread;
  /** Call after each change of `unread`. */
  unreadChanged(): void;
  /** Whether bytes wait to be read, `unread` among them. */
  readonly dataAvailable: boolean;

  /**
   * Sets what is told of the incoming side, a set of {@link Demand}: `Bytes` and the end behind them; `PeerEnd`, once,
   * though nothing is read; `Answers` while somebody reads, though perhaps not now. What is not wanted stays with the
   * peer.
   */
  want(demand: number): void;

  /** Bytes that are on their way: `onSent` or `onSendFailed` tells of these. */
  readonly queuedBytes: number;
  /**
   * Sends a chunk behind those before it, and copies what it keeps of it.
   *
   * @returns how many of its bytes are the system's already
   */
  send(chunk: Chunk): number;
  /** Ends the sending side behind all that was sent; `onEnded` follows. */
  end(): void;

  /**
   * Closes it for good: nothing more is told. What the system takes of what was sent goes out before.
   *
   * @param error why, for those who look on
   * @returns how many bytes are lost
   */
  close(error: Error | null): number;

  /** Makes a reset of the `close()` that follows. */
  resetOnClose(): void;

  /** Whether it should keep the process alive. */
  keepAlive(isWanted: boolean): void;
}

/** What a connection hears from its transport. */
export interface TransportEvents {
  onBytes(bytes: Buffer): void;
  /** Reading is over, behind all bytes: null for the peer's end, else why it failed. */
  onEnd(error: Error | null): void;
  /** The peer has left, and bytes of it are unread. `onEnd` follows when they have been read. */
  onPeerLeft(): void;
  /** So many bytes are the system's now. */
  onSent(bytes: number): void;
  /** Sending failed, and what was still on its way is gone. */
  onSendFailed(error: Error): void;
  /** Our end is told, or cannot be, as the peer is gone. */
  onEnded(isTold: boolean): void;
  /** The transport itself failed, such as for want of memory. */
  onFailure(error: Error): void;
  /** The socket was closed, not by `close()`. */
  onClosed(): void;
}
