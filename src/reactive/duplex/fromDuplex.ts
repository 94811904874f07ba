import type { Duplex } from 'node:stream';
import {
  checkMethods,
  invalidValue,
  type OptionNames,
  optionsOf,
  propertyOf,
} from '../../core/argument';
import { SocketClosedError } from '../../core/errors';
import type { Connection, ConnectionOptions } from '../connection/Connection';
import { connectionSettings } from '../connection/options';
import { StreamConnection } from '../connection/StreamConnection';
import { Context } from '../loop/Context';
import { DuplexTransport } from './DuplexTransport';

/** @see fromDuplex */
export type FromDuplexOptions = Omit<ConnectionOptions, 'borrow' | 'answerTimeout' | 'loop'>;

export const FROM_DUPLEX_OPTIONS: OptionNames<FromDuplexOptions> = {
  highWaterMark: true,
  maxQueueBytes: true,
  allowHalfOpen: true,
  idleTimeout: true,
  closeTimeout: true,
  scheduler: true,
};

const connections = new WeakMap<Duplex, Connection>();

/**
 * A Node stream as a connection, which has the stream for itself from now on: a `TLSSocket`, a WebSocket's stream, the
 * pipes of a child process. Asked again for the same stream it gives the same connection, with the options of the first
 * time.
 *
 * While nobody wants its bytes the stream is not read; it reads ahead, up to its own `highWaterMark`, once anybody is
 * subscribed. One write is under way at a time, and what it has not taken is queued. Either side can end before the other,
 * whatever `allowHalfOpen` of the stream says. It fails with the error of the stream, and with
 * `ERR_STREAM_PREMATURE_CLOSE` if that is destroyed before its end. Closing the connection ends the stream behind what was
 * written, and destroys it then, or after `closeTimeout`; for an error at once.
 *
 * The addresses are those that the stream tells. There is no `socket`: reading it throws a `SocketError` (`ENOTSOCK`).
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`; `ERR_INVALID_ARG_VALUE`: a stream of objects, or of text
 * @throws SocketClosedError the stream is destroyed
 *
 * @example
 * const child = spawn('sort');
 * const sorting = fromDuplex(Duplex.from({ readable: child.stdout, writable: child.stdin }));
 * sorting.send(names$).subscribe({ complete: () => sorting.end() });
 * sorting.data$.pipe(decode(lines())).subscribe(console.log);
 */
export function fromDuplex(duplex: Duplex, options: FromDuplexOptions = {}): Connection {
  checkDuplex(duplex);
  const settings = connectionSettings(optionsOf('options', options, FROM_DUPLEX_OPTIONS));
  const known = connections.get(duplex);
  if (known) return known;
  if (duplex.destroyed) throw new SocketClosedError('The stream is destroyed');
  const context = new Context();
  const transport = new DuplexTransport(duplex, settings, context);
  const connection = new StreamConnection(transport, settings, context);
  connections.set(duplex, connection);
  return connection;
}

function checkDuplex(duplex: unknown): asserts duplex is Duplex {
  checkMethods('duplex', 'a Duplex', duplex, ['on', 'off', 'read', 'write', 'end', 'destroy']);
  const carries = (key: string) => propertyOf('duplex', duplex, key);
  if (carries('readableObjectMode') === true || carries('writableObjectMode') === true) {
    throw invalidValue('duplex', 'must carry bytes, not objects', duplex);
  }
  if (typeof carries('readableEncoding') === 'string') {
    throw invalidValue('duplex', 'must give bytes, not text: see setEncoding', duplex);
  }
}
