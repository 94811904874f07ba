import { Observable, type OperatorFunction } from 'rxjs';
import type { Connection } from '../connection/Connection';
import { type TlsOptions, tlsSettings } from './options';
import type { TlsConnection } from './TlsConnection';
import { Upgrade } from './Upgrade';

/**
 * Secures connections by TLS: each that comes in is used up, and comes out as one whose bytes travel encrypted, once the
 * handshake is done. At any time: bytes that were read and given back, as `decode` does, belong to the handshake, so a
 * protocol can begin in clear (STARTTLS, the SSLRequest of PostgreSQL).
 *
 * What a listener accepted is a client, and we are its server, which needs `key` and `cert` (or `pfx`); of any other
 * connection we are the client, which needs the `servername`. Certificates, and the names in them, are checked, by Node's
 * TLS. The handshakes of several clients go on at once, and one that fails is told to `onError` and is no concern of the
 * others. Of a connection that was not accepted, what its handshake or later itself fails with is an error of the
 * Observable, as with `connect`: the errors of `node:tls`, with their codes; a `TimeoutError` after `handshakeTimeout`.
 *
 * The options of a connection are those of the secured one. Sessions are resumed by themselves, from one connection of this
 * operator to the next.
 *
 * @throws TypeError RangeError `ERR_INVALID_ARG_*`, and what `tls.createSecureContext` says of keys and certificates
 *
 * @example
 * fromServer(adopt(3, 'tcpServer')) // from systemd; `listen` and `connect` take `tls`
 *   .pipe(startTls({ key, cert }), serve((connection) => connection.send(connection.data$)))
 *   .subscribe();
 *
 * @example
 * connection.write('STARTTLS\r\n');
 * const secured = await firstValueFrom(
 *   connection.data$.pipe(
 *     decode(lines()),
 *     take(1),
 *     map(() => connection),
 *     startTls({ servername: 'mail.example.org' }),
 *   ),
 * );
 */
export function startTls(options: TlsOptions): OperatorFunction<Connection, TlsConnection> {
  const settings = tlsSettings(options);
  return (source) =>
    new Observable((subscriber) => {
      const upgrade = new Upgrade(settings, subscriber);
      subscriber.add(() => {
        upgrade.stop();
      });
      upgrade.start(source);
    });
}
