import type { Observable } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import {
  checkBoolean,
  checkInstance,
  checkOptions,
  invalidValue,
  type OptionNames,
  optionsOf,
} from '../core/argument';
import { errorOfCode, type SocketError } from '../core/errors';
import type { Connection, ConnectionOptions } from '../reactive/connection/Connection';
import { connectionSettings } from '../reactive/connection/options';
import type { Socket } from '../core/Socket';
import type { Sendable } from '../reactive/connection/Sendable';
import type { Chunk } from '../reactive/connection/Transport';
import { parcelOf } from './copyChunk';
import { MarbleConnection } from './MarbleConnection';
import { MarbleTransport } from './MarbleTransport';
import { checkScheduler, parseMarbles } from './parseMarbles';
import type { Stretch } from './ReadingLog';
import type { Recording } from './record';
import { virtualEnds, type VirtualEnds } from './virtualEnds';

/** Those of a real connection, in virtual time, and what the diagrams mean. @see virtualConnection */
export interface VirtualConnectionOptions
  extends Omit<ConnectionOptions, 'loop' | 'scheduler'>, VirtualEnds {
  /**
   * The chunks that the letters of a diagram stand for, text as UTF-8. A letter that is not here stands for itself. Those
   * of a local peer may have descriptors with them: the very sockets come out of `descriptors$`, to be closed there.
   */
  values?: Readonly<Record<string, Sendable>>;
  /** What `#` is; a `SocketError` `ECONNRESET` by default. */
  error?: Error;
  /**
   * When the peer takes what is sent: from `f` (full) on it takes nothing, and `write` queues; from `d` (drained) on it
   * takes all. By default it always does.
   */
  room?: string;
}

/** Those of a recording as well, which can be given as it is. */
const VIRTUAL_CONNECTION_OPTIONS: OptionNames<VirtualConnectionOptions & Recording> = {
  highWaterMark: true,
  maxQueueBytes: true,
  allowHalfOpen: true,
  borrow: true,
  idleTimeout: true,
  closeTimeout: true,
  answerTimeout: true,
  values: true,
  error: true,
  room: true,
  remoteAddress: true,
  remotePort: true,
  localAddress: true,
  localPort: true,
  path: true,
  credentials: true,
  received: true,
  sent: true,
};

/** A connection without a socket: a peer that follows a diagram, and a record of what it was sent. */
export interface VirtualConnection extends Connection {
  /**
   * What the peer took, from the beginning, each `write` a chunk: `|` is our end, by `end()` or `close()`, and `#` the
   * error that it was closed with. For `expectObservable`, through operators if need be.
   */
  readonly sent$: Observable<Buffer>;
  /** The sockets whose descriptors went with these chunks so far: those that `write` was given. */
  readonly sentDescriptors: readonly Socket[];
  /**
   * When the connection was read: `^` from when on somebody was subscribed to `data$` and did not hold it back, `!` from
   * when on not. For `expectSubscriptions`.
   */
  readonly reads: Stretch[];
  /**
   * Expects of `sent$`, by the end of the test, the diagram. Its letters stand for chunks as those of the peer do.
   * A failure shows both diagrams, one above the other, and what their letters mean.
   *
   * @param error what `#` is; by default that of the connection's diagram
   */
  expectSent(marbles: string, values?: Readonly<Record<string, Chunk>>, error?: Error): void;
}

/**
 * A connection for tests in virtual time: a pipeline that was written for a real one runs on it unchanged.
 *
 * The diagrams have the syntax of `TestScheduler.run`, and begin when the connection is made. In that of the peer a letter
 * is a chunk that arrives, `|` the end of what it sends (it still reads), and `#` its reset, which ends both directions;
 * `#` may follow `|`. What arrives while nobody reads waits, as in the kernel, but here chunks stay as they were sent.
 *
 * @param scheduler within its `run()`
 * @param peer what the peer does
 * @throws TypeError `ERR_INVALID_ARG_*`
 *
 * @example
 * scheduler.run(({ expectSubscriptions }) => {
 *   const client = virtualConnection(scheduler, '-a--b-|', { values: { a: 'PI', b: 'NG\n' } });
 *   servePongs(client).subscribe();
 *   client.expectSent('                          ----c-|', { c: 'PONG\n' });
 *   expectSubscriptions(client.reads).toBe('     ^-----!');
 * });
 */
export function virtualConnection(
  scheduler: TestScheduler,
  peer: string,
  options: VirtualConnectionOptions = {},
): VirtualConnection {
  checkScheduler(scheduler);
  const own = optionsOf<VirtualConnectionOptions>('options', options, VIRTUAL_CONNECTION_OPTIONS);
  const { values = {}, error = connectionReset(), room = '' } = own;
  checkOptions('values', values);
  checkInstance('error', Error, error);
  const roomMarbles = parseMarbles('room', room);
  if (roomMarbles.some(({ mark }) => mark !== 'f' && mark !== 'd')) {
    throw invalidValue('room', 'must have no marbles but f and d', room);
  }
  const settings = connectionSettings({ ...own, scheduler });
  const transport = new MarbleTransport(
    scheduler,
    checkBoolean('borrow', own.borrow ?? false),
    virtualEnds(own),
  );
  const connection = new MarbleConnection(transport, settings, scheduler, error);
  const at = (frame: number, happen: () => void): void => {
    scheduler.schedule(happen, frame);
  };
  // Scheduled first, so that what arrives at the same time finds the peer full or drained.
  for (const { frame, mark } of roomMarbles) {
    at(frame, () => {
      transport.setRoom(mark === 'd');
    });
  }
  for (const { frame, mark } of parseMarbles('peer', peer)) {
    if (mark === '|') {
      at(frame, () => {
        transport.endPeer();
      });
    } else if (mark === '#') {
      at(frame, () => {
        transport.resetPeer(error);
      });
    } else {
      const { bytes, descriptors } = parcelOf(values, mark);
      at(frame, () => {
        transport.arrive(bytes, descriptors);
      });
    }
  }
  return connection;
}

function connectionReset(): SocketError {
  return errorOfCode('ECONNRESET', 'read');
}
