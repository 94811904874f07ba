import { bindUdp } from 'bipoll';
import { type Connection, fromMessageSocket, listen, type ListeningAddress } from 'bipoll/reactive';
import { from, map, mergeMap, type Observable, tap } from 'rxjs';
import { UsageError } from '../exitCodes';
import { type Endpoint, type NetworkEndpoint, placeText, textOf } from './Endpoint';
import { MessagePeer } from './MessagePeer';
import { type Peer, peerOfConnection } from './Peer';
import { resolved } from './resolved';
import { type TlsValues, tlsOptionsOf } from './tlsOptions';

/** How to listen. */
export interface Listening {
  readonly maxConnections?: number | undefined;
  readonly idleTimeout?: number | undefined;
  /** Of a socket file; 0o600 by default. */
  readonly mode?: number | undefined;
  readonly tls: TlsValues;
  /** Is called when clients can connect, with where. */
  readonly onListening: (where: string) => void;
  /** Is called for a peer that was not let in, as its handshake of TLS failed: with why, and its name. */
  readonly onRefused: (error: Error, peer: string) => void;
}

/** @throws UsageError for the mode of a socket file where there is none */
export function checkMode(endpoint: Endpoint, mode: number | undefined): void {
  const isFile = endpoint.scheme === 'unix' && !endpoint.path.startsWith('\0');
  if (mode !== undefined && !isFile) {
    throw new UsageError(`--mode is for unix:PATH: ${textOf(endpoint)} has no socket file`);
  }
}

/** Listens on subscription, and emits the connections, as `listen` of the library. */
export function connectionsAt(endpoint: Endpoint, listening: Listening): Observable<Connection> {
  if (endpoint.scheme === 'stdio' || endpoint.scheme === 'udp') {
    throw new UsageError(`${textOf(endpoint)} is no place to listen for connections`);
  }
  const options = settingsOf(endpoint, listening);
  if ('path' in endpoint) {
    return listen({ path: endpoint.path }, options);
  }
  const { scheme, host = '127.0.0.1', port } = endpoint;
  const address$ = from(resolved(host));
  if (scheme === 'tcp') {
    return address$.pipe(mergeMap((address) => listen({ host: address, port }, options)));
  }
  const { tls, onRefused } = listening;
  if (!tls.cert || !tls.key) throw new UsageError('A listener for TLS needs --cert and --key');
  const onError = (error: Error, connection: Connection) => {
    onRefused(error, peerOfConnection(connection, textOf(endpoint)).name);
  };
  const secured = { ...options, tls: { ...tlsOptionsOf(tls), onError } };
  return address$.pipe(mergeMap((address) => listen({ host: address, port }, secured)));
}

function settingsOf(
  endpoint: Endpoint,
  { maxConnections, idleTimeout, mode, onListening }: Listening,
) {
  return {
    allowHalfOpen: true,
    // Whoever was killed has left its socket file behind.
    ...(endpoint.scheme === 'unix' ? { replaceStale: true } : {}),
    ...(maxConnections === undefined ? {} : { maxConnections }),
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
    ...(mode === undefined ? {} : { mode }),
    onListening(address: ListeningAddress) {
      onListening(
        'path' in address
          ? textOf(endpoint)
          : `${endpoint.scheme}://${placeText(address.host, address.port)}`,
      );
    },
  };
}

/** Binds for UDP on subscription, and emits the one peer: whoever has sent something last. */
export function messagesAt(
  { host = '127.0.0.1', port }: NetworkEndpoint,
  { idleTimeout, onListening }: Listening,
): Observable<Peer> {
  return from(resolved(host)).pipe(
    map((address) => fromMessageSocket(bindUdp({ host: address, port }))),
    map((endpoint) => new MessagePeer(endpoint, idleTimeout)),
    tap(({ name }) => {
      onListening(`udp://${name}`);
    }),
  );
}
