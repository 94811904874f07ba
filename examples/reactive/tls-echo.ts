// The echo, over TLS of Node's own: it takes a connection for the stream that it wants, by toDuplex.
//
//   npx tsx examples/reactive/tls-echo.ts --port 7443 key.pem cert.pem
import { readFileSync } from 'node:fs';
import { type Duplex, finished } from 'node:stream';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { map, Observable, tap } from 'rxjs';
import { type Connection, listen, serve, type ServeOptions } from 'bipoll/reactive';
import { toDuplex } from 'bipoll/streams';
import { misused, readArguments } from '../arguments';
import { announce } from './announce';
import { stopSignal$ } from './stopSignal';

/** A client that has shaken hands. */
export interface SecureClient {
  /** Of TLS. */
  readonly version: string;
  /** What it says, and what it is told, in clear. */
  readonly stream: Duplex;
}

/**
 * @param secure emits once the client has shaken hands, and completes when it has left
 * @returns the TLS version of each client
 */
export function tlsEcho(
  connections$: Observable<Connection>,
  secure: (connection: Connection) => Observable<SecureClient>,
  options: ServeOptions = {},
): Observable<string> {
  const versionOf = (connection: Connection) =>
    secure(connection).pipe(
      tap(({ stream }) => stream.pipe(stream)),
      map(({ version }) => version),
    );
  return connections$.pipe(serve(versionOf, options));
}

/** Shakes hands with each client as the server that has the key of this context. */
export function serveTls(secureContext: SecureContext) {
  return (connection: Connection) =>
    new Observable<SecureClient>((subscriber) => {
      const socket = new TLSSocket(toDuplex(connection), { isServer: true, secureContext });
      socket.once('secure', () => {
        subscriber.next({ version: socket.getProtocol() ?? 'unknown', stream: socket });
      });
      finished(socket, (error) => {
        if (error) subscriber.error(error);
        else subscriber.complete();
      });
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
  const connections$ = listen(target, { replaceStale: true, onListening: announce });
  tlsEcho(connections$, serveTls(context), { stop$: stopSignal$ }).subscribe();
}

if (require.main === module) main();
