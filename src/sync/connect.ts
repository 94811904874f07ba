import { localConnector } from '../core/local';
import type { LocalStream } from '../core/LocalStream';
import { native } from '../core/native';
import { lookUpError, resolveAll } from '../core/resolve';
import type { StreamSocket } from '../core/StreamSocket';
import {
  type CheckedTcpTarget,
  isLocal,
  type LocalTarget,
  targetOf,
  type TcpTarget,
} from '../core/target';
import { tcpConnector } from '../core/tcp';
import type { TcpStream } from '../core/TcpStream';
import type { Deadline } from './Deadline';
import { interrupted, timedOut } from './failures';
import { race } from './race';
import { deadlineOf, type BlockingOptions } from './options';
import { waitFor } from './waitFor';

/**
 * Connects, and waits until connected. A name is resolved; its next address is tried when one has failed, or none has
 * answered for 250 ms (RFC 8305); and a full backlog of a local server is tried again: all within the one limit.
 *
 * @throws TimeoutError it was not done in time
 * @throws SocketError `ECONNREFUSED`, `ENOENT`, `ENOTFOUND` and the like; of several addresses, an `AggregateError` with
 *   the errors of all and the code of the first
 *
 * @example
 * using socket = connect({ host: 'localhost', port: 6379 }, { timeout: 500 });
 */
export function connect(target: TcpTarget, options: BlockingOptions): TcpStream;
export function connect(target: LocalTarget, options: BlockingOptions): LocalStream;
export function connect(target: TcpTarget | LocalTarget, options: BlockingOptions): StreamSocket;
export function connect(target: TcpTarget | LocalTarget, options: BlockingOptions): StreamSocket {
  return connectBy(targetOf(target), deadlineOf(options));
}

/** Connects to a target that was read. */
export function connectBy(place: CheckedTcpTarget | LocalTarget, deadline: Deadline): StreamSocket {
  if (isLocal(place)) return established(localConnector(place)(), deadline);
  const begin = tcpConnector(place);
  const { host, port } = place;
  return race(begin, addressesOf(place, deadline), deadline, { hostname: host, port });
}

function addressesOf({ host, family }: CheckedTcpTarget, deadline: Deadline): string[] {
  if (native.addressFamily(host) !== 0) return [host];
  const found = resolveAll(host, family, deadline.left, deadline.interruptible);
  if (typeof found !== 'number' && found.length > 0) return found;
  const name = typeof found === 'number' ? native.errorName(found) : '';
  if (name === 'ETIMEDOUT') {
    throw timedOut('connect', deadline, { hostname: host }, 'the name was not looked up');
  }
  if (name === 'EINTR') throw interrupted('connect', { hostname: host });
  throw lookUpError(found, host);
}

/** The stream once it is connected; it is closed if that fails. */
function established(stream: LocalStream, deadline: Deadline): LocalStream {
  try {
    waitFor(stream, 'determined', 'connect', deadline, 'no answer came');
    const error = stream.connectionError();
    if (error) throw error;
    return stream;
  } catch (error) {
    stream.close();
    throw error;
  }
}
