import type { Socket } from '../../core/Socket';
import type { StreamSocket } from '../../core/StreamSocket';
import type { Unread } from '../../core/Unread';
import type { Ends } from './Ends';

/** What can be sent: bytes, or text as UTF-8. */
export type Chunk = Uint8Array | string;

/**
 * Carries the bytes of a connection: a socket or a descriptor of the engine, or a marble diagram. It knows nothing of Observables. It
 * carries out calls, and reports to its {@link TransportEvents}.
 */
export interface Transport {
  /** Reports to `events` from now on. Called once, before anything else. */
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
   * Sets what to report of the incoming side, a set of {@link Demand}: `Bytes` and the end after them; `PeerEnd`, once,
   * without reading; `Answers` while there is a reader, even one that is held back; `Descriptors` those that come with
   * the bytes, which are closed otherwise. Bytes that are not wanted stay with the peer.
   */
  want(demand: number): void;

  /** Whether descriptors can go with bytes, in both directions. */
  readonly passesDescriptors: boolean;
  /** Bytes on their way out: `onSent` or `onSendFailed` will report them. */
  readonly queuedBytes: number;
  /**
   * Sends a chunk after those before it, and copies what it queues.
   *
   * @param descriptors sockets whose descriptors go with its first byte, only of one that passes descriptors. They go
   *   when the system has taken that byte; until then, duplicates of them are queued
   * @returns how many of its bytes the system has taken already
   * @throws SocketError of what cannot be written to
   */
  send(chunk: Chunk, descriptors?: readonly Socket[]): number;
  /** Ends the sending side after all that was sent; `onEnded` follows. */
  end(): void;

  /**
   * Closes it for good: nothing more is reported. Queued bytes go out as far as the system takes them now.
   *
   * @param error why, for those who look on
   * @returns how many bytes are lost
   */
  close(error: Error | null): number;

  /** Makes the following `close()` a reset. */
  resetOnClose(): void;

  /** Whether it is used, and so should keep the process alive. */
  keepAlive(isWanted: boolean): void;
  /** Whether it may keep the process alive at all, which it may by default. */
  reference(isWanted: boolean): void;
}

/** What a transport reports to its connection. */
export interface TransportEvents {
  /** @param descriptors what came with them: the receiver's to close */
  onBytes(bytes: Buffer, descriptors?: readonly Socket[]): void;
  /** Reading is over, after all bytes: null for the peer's end, else why it failed. */
  onEnd(error: Error | null): void;
  /** The peer has left while some of its bytes are unread. `onEnd` follows when they have been read. */
  onPeerLeft(): void;
  /** The system has taken so many bytes. */
  onSent(bytes: number): void;
  /** Sending failed, and the queued bytes are lost. */
  onSendFailed(error: Error): void;
  /** The peer has been told our end, or is gone and cannot be told. */
  onEnded(isTold: boolean): void;
  /** The transport itself failed, such as for want of memory. */
  onFailure(error: Error): void;
  /** The socket was closed, not by `close()`. */
  onClosed(): void;
}
