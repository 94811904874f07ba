// The echo, over TLS.
//
//   npx tsx examples/reactive/tls-echo.ts --port 7443 key.pem cert.pem
import { readFileSync } from 'node:fs';
import { concat, ignoreElements, type Observable, of } from 'rxjs';
import {
  type Connection,
  listen,
  serve,
  type ServeOptions,
  type TlsConnection,
} from 'bipoll/reactive';
import { misused, readArguments } from '../arguments';
import { announce } from './announce';
import { stopSignal$ } from './stopSignal';

/** What it has to know of a client. */
export type SecureClient = Connection & Pick<TlsConnection, 'protocol'>;

/** @returns the TLS version of each client */
export function tlsEcho(
  clients$: Observable<SecureClient>,
  options: ServeOptions = {},
): Observable<string> {
  const echo = (client: SecureClient) =>
    concat(of(client.protocol), client.send(client.data$).pipe(ignoreElements()));
  return clients$.pipe(serve(echo, options));
}

function main(): void {
  const usage = 'tls-echo (--port PORT [--host HOST] | --path PATH) KEY-FILE CERTIFICATE-FILE';
  const { target, rest } = readArguments(usage);
  const [key, cert] = rest;
  if (key === undefined || cert === undefined) misused(usage);
  const tls = { key: readFileSync(key), cert: readFileSync(cert) };
  const clients$ = listen(target, { tls, replaceStale: true, onListening: announce });
  tlsEcho(clients$, { stop$: stopSignal$ }).subscribe();
}

if (require.main === module) main();
