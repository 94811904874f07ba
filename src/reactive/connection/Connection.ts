import type { Observable, ObservableInput, SchedulerLike } from 'rxjs';
import type { PeerCredentials } from '../../core/peerCredentials';
import type { Socket } from '../../core/Socket';
import type { StreamSocket } from '../../core/StreamSocket';
import type { EventLoop } from '../loop/EventLoop';
import type { Sendable } from './Sendable';

/**
 * A connection as Observables. Nothing is read before somebody subscribes to `data$`: until then the kernel
 * holds the peer back.
 *
 * @example
 * connect({ port: 7000 }).subscribe((connection) => {
 *   connection.write('hello\n');
 *   connection.data$.subscribe((chunk) => console.log(chunk.toString()));
 * });
 */
export interface Connection {
  /**
   * What the peer sends; completes at its end. For one subscriber at a time: a second one gets a `SocketBusyError`, and
   * the next subscriber continues where the last one stopped.
   */
  readonly data$: Observable<Buffer>;
  /**
   * The descriptors that a local peer attaches to its bytes, in their order, each before the chunk of `data$` that has
   * its byte: a socket of the class that the system says it is, and a `Descriptor` for anything else. Each is yours to
   * close. Completes with `data$`, or when the connection is closed. For one subscriber at a time.
   *
   * They come as `data$` is read, so whoever holds back one of the two holds back both. Subscribe before `data$`: those
   * that come while nobody is subscribed are closed.
   *
   * An error of the Observable: `ENOTSUP` where no descriptors can come, which is everywhere but over local sockets, and
   * on Windows (`capabilities().features.descriptorPassing`). `data$` fails with `EMSGSIZE` where a message has lost
   * some, since the process has too many open, or since there were more than 64.
   *
   * @example
   * const log: Socket[] = [];
   * connection.descriptors$.subscribe((descriptor) => log.push(descriptor));
   * connection.data$.subscribe((chunk) => handle(chunk, log.splice(0)));
   */
  readonly descriptors$: Observable<Socket>;
  /** Emits once, why it was closed: null for an orderly end, else the error. Late subscribers are told too. */
  readonly closed$: Observable<Error | null>;
  /** Emits whenever the queue has drained after `write` returned false. Completes when it is closed. */
  readonly writable$: Observable<void>;
  /** Numbers the connections of this thread, from 1: for logs and the diagnostics channels. */
  readonly id: number;
  /** The numeric address of the peer, also after it has left; undefined over a local socket. */
  readonly remoteAddress: string | undefined;
  /** The port of the peer, also after it has left; undefined over a local socket. */
  readonly remotePort: number | undefined;
  /** The numeric address of this end; undefined over a local socket, and once closed. */
  readonly localAddress: string | undefined;
  /** The port of this end; undefined over a local socket, and once closed. */
  readonly localPort: number | undefined;
  /** The path of the server, over a local socket; undefined over TCP. */
  readonly path: string | undefined;
  /** How many bytes it has read from the peer. What the blocking verbs read is not among them. */
  readonly bytesRead: number;
  /** How many bytes the system has taken of what was written here. */
  readonly bytesWritten: number;
  /** How many bytes wait in the queue, which the system has not taken yet. */
  readonly queuedBytes: number;
  /**
   * The core socket, for the blocking verbs while no Observable of it is subscribed. Throws `ENOTSOCK` where there is
   * none.
   */
  readonly socket: StreamSocket;

  /**
   * Sends bytes, or text as UTF-8, at once as far as the system takes them; the rest is queued. The buffer is
   * the caller's again on return. Over a local socket descriptors can be attached: `{ bytes, descriptors }`.
   *
   * @returns false if the queue has reached `highWaterMark`, or has descriptors in it: wait for `writable$`
   * @throws SocketClosedError it, or its event loop, is closed; it was ended; or one of the descriptors is closed
   * @throws QueueFullError somebody went on writing, until the queue reached `maxQueueBytes`, or held 64 descriptors
   * @throws SocketError `ENOTSUP`: it cannot pass descriptors
   */
  write(bytes: Sendable): boolean;
  /**
   * Sends what a source emits. While the queue is full, the source is held back: an iterable, or an async one, is not
   * asked, and the connection that a value came from is not read. Chunks that were read already still flow through: if
   * answers are larger than requests, call `send` inside `pacedMap`, so that one answer is sent before the next request
   * is handled.
   *
   * If it cannot be known which connection that is, as behind `delay`, a warning says so once (`BIPOLL_UNHELD_SOURCE`).
   *
   * An error of the Observable: what the source fails with, or the connection.
   *
   * @returns how many bytes were handed over so far, after each chunk; completes when the system has them all
   * @throws TypeError `ERR_INVALID_ARG_TYPE`
   */
  send(source: ObservableInput<Sendable>): Observable<number>;
  /**
   * Ends the sending side behind what is queued: the peer sees the end, and may still send. The peer of a Windows pipe
   * sees the end only when we close: see `answerTimeout`.
   */
  end(): void;
  /**
   * Who is at the other end of a local connection, as the system knew it when that was made; null over TCP, where the
   * system does not tell, and once closed.
   *
   * @example
   * if (connection.peerCredentials()?.uid !== process.getuid()) connection.close();
   */
  peerCredentials(): PeerCredentials | null;
  /** Closes it at once; what is queued is lost. `data$` ends, with the error if there is one. */
  close(error?: Error): void;
  /**
   * Closes it by a reset: the peer's reads and writes fail with `ECONNRESET`. Only TCP has such a thing; a local
   * connection is just closed.
   */
  reset(): void;
  /**
   * Ends our side, reads on for nobody, and resolves when it is closed: when the peer has ended its side too, after
   * `closeTimeout` at the latest. Or as soon as it is closed for another reason. For `await using`.
   */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Methods, and properties that are worked out when asked for. @internal */
export const CONNECTION_MEMBERS = [
  ...(['data$', 'descriptors$', 'closed$', 'writable$', 'socket', 'queuedBytes', 'path'] as const),
  ...(['remoteAddress', 'remotePort', 'localAddress', 'localPort'] as const),
  ...(['write', 'send', 'end', 'close', 'reset', 'peerCredentials', Symbol.asyncDispose] as const),
] satisfies (keyof Connection)[];

/** @see connection */
export interface ConnectionOptions {
  /** Bytes in the queue from which on `write` returns false; 64 KiB by default. */
  highWaterMark?: number;
  /** Bytes in the queue at which `write` refuses more; 16 MiB by default. */
  maxQueueBytes?: number;
  /** Leaves our sending side open when the peer has ended its own; false by default, as in `node:net`. */
  allowHalfOpen?: boolean;
  /**
   * Lends the bytes of `data$` instead of giving them away: they are valid until the callback returns, and empty
   * afterwards. Saves a copy.
   */
  borrow?: boolean;
  /** Milliseconds without a byte in either direction after which it is closed with `TimeoutError`. */
  idleTimeout?: number;
  /**
   * Milliseconds that what is queued may take to be sent, once nobody is subscribed any more; 5000 by default. Then
   * it is closed all the same.
   */
  closeTimeout?: number;
  /**
   * Milliseconds for which a local connection on Windows, a pipe, may bring nothing after `end()`; 50 by default, as in
   * `node:net`. Then it is closed, as that is how the end of a pipe is told. Elsewhere it has no meaning.
   */
  answerTimeout?: number;
  /** Where the time comes from; rxjs' `asyncScheduler` by default. */
  scheduler?: SchedulerLike;
  /** Serves it; by default the thread's own. */
  loop?: EventLoop;
}
