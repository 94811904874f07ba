import { type Target, targetOf } from '../../core/target';
import { connectBy } from '../connect';
import { type SecuringOptions, securingOf } from './options';
import { checkPlatform, secure } from './secure';
import type { TlsStream } from './TlsStream';

/**
 * Connects, and shakes hands as a TLS client, all within the one limit. The server's certificate must be for `host`, unless
 * `servername` says otherwise; over a local socket `servername` is required.
 *
 * What was written is sent even if the process exits at once, as far as the peer takes it within two seconds. A process
 * starts a thread for TLS with its first handshake, which takes some tens of milliseconds.
 *
 * @param options see {@link startTls}
 * @throws TimeoutError it was not done in time
 * @throws whatever `connect` and `startTls` throw
 *
 * @example
 * const limit = { timeout: 5000 };
 * using socket = connectTls({ host: 'example.org', port: 443 }, limit);
 * writeAll(socket, 'GET / HTTP/1.0\r\nHost: example.org\r\n\r\n', limit);
 * for (const line of frames(socket, lines(), limit)) console.log(line);
 */
export function connectTls(target: Target, options: SecuringOptions): TlsStream {
  const place = targetOf(target);
  const { host } = place as { host?: string };
  const securing = securingOf(options, false, host === undefined ? {} : { servername: host });
  checkPlatform('connectTls');
  return secure(connectBy(place, securing.deadline), 'connectTls', securing);
}
