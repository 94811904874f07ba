// The echo, over TLS of Node's own: it takes a connection for the stream that it wants, by toDuplex.
//
//   npx tsx examples/reactive/tls-echo.ts --port 7443 key.pem cert.pem
import { readFileSync } from 'node:fs';
import { finished } from 'node:stream';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { mergeMap, Observable } from 'rxjs';
import { type Connection, listen } from 'bipoll/reactive';
import { toDuplex } from 'bipoll/streams';
import { misused, readArguments } from '../arguments';
import { announce } from './announce';

/** @returns the TLS version of each client, once it has shaken hands */
export function tlsEcho(
  connections$: Observable<Connection>,
  secureContext: SecureContext,
): Observable<string> {
  return connections$.pipe(mergeMap((connection) => secureEcho(connection, secureContext)));
}

/** Completes when the client has left, in whatever way: a handshake that fails is its own affair. */
function secureEcho(connection: Connection, secureContext: SecureContext): Observable<string> {
  return new Observable((subscriber) => {
    const socket = new TLSSocket(toDuplex(connection), { isServer: true, secureContext });
    socket.once('secure', () => {
      subscriber.next(socket.getProtocol() ?? 'unknown');
    });
    finished(socket, () => {
      subscriber.complete();
    });
    socket.pipe(socket);
    return () => {
      socket.destroy();
    };
  });
}

function main(): void {
  const usage = 'tls-echo (--port PORT [--host HOST] | --path PATH) KEY-FILE CERTIFICATE-FILE';
  const { target, rest } = readArguments(usage);
  const [key, cert] = rest;
  if (key === undefined || cert === undefined) misused(usage);
  const context = createSecureContext({ key: readFileSync(key), cert: readFileSync(cert) });
  tlsEcho(listen(target, { replaceStale: true, onListening: announce }), context).subscribe();
}

if (require.main === module) main();
