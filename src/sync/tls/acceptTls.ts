import { checkInstance } from '../../core/argument';
import { StreamServer } from '../../core/StreamServer';
import { acceptBy } from '../accept';
import { type SecuringOptions, securingOf } from './options';
import { checkPlatform, secure } from './secure';
import type { TlsStream } from './TlsStream';

/**
 * Waits for a connection, accepts it, and shakes hands as its TLS server, all within the one limit. A client whose handshake
 * fails is closed, and the server goes on: call again for the next one.
 *
 * @param options `key` and `cert`, or `pfx`; see {@link startTls}
 * @throws TimeoutError nobody came in time, or the handshake was not done
 * @throws whatever `accept` and `startTls` throw
 *
 * @example
 * using connection = acceptTls(server, { key, cert, timeout: 5000 });
 */
export function acceptTls(server: StreamServer, options: SecuringOptions): TlsStream {
  checkInstance('server', StreamServer, server);
  const securing = securingOf(options, true, {});
  checkPlatform('acceptTls');
  return secure(acceptBy(server, securing.deadline), 'acceptTls', securing);
}
