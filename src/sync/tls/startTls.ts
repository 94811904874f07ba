import { checkInstance } from '../../core/argument';
import { Claim } from '../../core/Socket';
import { StreamSocket } from '../../core/StreamSocket';
import { waitFor } from '../waitFor';
import { type StartTlsOptions, startingOf } from './options';
import { checkPlatform, secure } from './secure';
import type { TlsStream } from './TlsStream';

/**
 * Secures a stream by TLS, at any time: bytes that a verb has read and nobody has taken belong to the handshake, so a
 * protocol can begin in clear (STARTTLS, the SSLRequest of PostgreSQL). The stream is used up, also if the handshake fails;
 * the one returned carries the plain text. Certificates, and the names in them, are checked, by Node's TLS.
 *
 * @param options those of `node:tls` that are text, numbers or bytes. A client needs the `servername`, a server `key` and
 *   `cert`, or `pfx`
 * @throws TimeoutError the handshake was not done in time
 * @throws SocketError `ECONNRESET`: the peer left before; `ENOTSUP` on Windows
 * @throws Error what Node's TLS says, with codes such as `DEPTH_ZERO_SELF_SIGNED_CERT`, `ERR_TLS_CERT_ALTNAME_INVALID`
 *
 * @example
 * writeAll(socket, 'STARTTLS\r\n', limit);
 * if (!readLine(socket, limit)?.startsWith('220')) throw new Error('No TLS');
 * using secured = startTls(socket, { servername: 'mail.example.org', ...limit });
 */
export function startTls(socket: StreamSocket, options: StartTlsOptions): TlsStream {
  checkInstance('socket', StreamSocket, socket).checkUnclaimed(Claim.Reading);
  socket.checkUnclaimed(Claim.Writing);
  const securing = startingOf(options);
  checkPlatform('startTls');
  waitFor(socket, 'determined', 'startTls', securing.deadline, 'no answer came');
  const error = socket.connectionError();
  if (error) throw error;
  return secure(socket, 'startTls', securing);
}
