import { checkOptions, invalidType } from '../core/argument';
import { SocketError } from '../core/errors';
import { connectLocal } from '../core/local';
import type { LocalStream } from '../core/LocalStream';
import { native } from '../core/native';
import { lookUpError, resolveAll } from '../core/resolve';
import type { StreamSocket } from '../core/StreamSocket';
import type { LocalTarget, TcpTarget } from '../core/target';
import { connectTcp } from '../core/tcp';
import type { TcpStream } from '../core/TcpStream';
import { timedOut } from './failures';
import { deadlineOf, type BlockingOptions, type Deadline } from './options';
import { waitFor } from './waitFor';

/**
 * Connects and waits until that is done. A name is resolved and its addresses are tried in turn, all within the
 * one timeout; the full backlog of a local server is tried again until then.
 *
 * @throws TimeoutError it was not done in time
 * @throws SocketError `ECONNREFUSED`, `ENOENT`, `ENOTFOUND` and the like; of several addresses, the last's
 *
 * @example
 * using socket = connect({ host: 'localhost', port: 6379 }, { timeout: 500 });
 */
export function connect(target: TcpTarget, options: BlockingOptions): TcpStream;
export function connect(target: LocalTarget, options: BlockingOptions): LocalStream;
export function connect(target: TcpTarget | LocalTarget, options: BlockingOptions): StreamSocket;
export function connect(target: TcpTarget | LocalTarget, options: BlockingOptions): StreamSocket {
  checkOptions('target', target);
  const deadline = deadlineOf(options);
  if ('path' in target) return established(connectLocal(target), deadline);
  if (!('port' in target)) throw invalidType('target', 'an object with a port or a path', target);
  let lastError: unknown;
  for (const host of addressesOf(target, deadline)) {
    try {
      return established(connectTcp({ ...target, host }), deadline);
    } catch (error) {
      if (!(error instanceof SocketError)) throw error;
      lastError = error;
    }
  }
  throw lastError;
}

function addressesOf(target: TcpTarget, deadline: Deadline): string[] {
  const { host = 'localhost', family = 0 } = target;
  if (typeof host === 'string' && native.addressFamily(host) !== 0) return [host];
  const found = resolveAll(host, family, deadline.left);
  if (typeof found !== 'number' && found.length > 0) return found;
  if (typeof found === 'number' && native.errorName(found) === 'ETIMEDOUT') {
    throw timedOut('connect', deadline);
  }
  throw lookUpError(found, host);
}

/** The stream once it is connected; it is closed if that fails. */
function established<Stream extends StreamSocket>(stream: Stream, deadline: Deadline): Stream {
  try {
    waitFor(stream, 'determined', 'connect', deadline);
    const error = stream.connectionError();
    if (error) throw error;
    return stream;
  } catch (error) {
    stream.close();
    throw error;
  }
}
