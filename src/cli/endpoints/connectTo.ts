import { connectUdp } from 'bipoll';
import { connect, type Connection, type ConnectOptions, fromMessageSocket } from 'bipoll/reactive';
import { from, map, type Observable } from 'rxjs';
import { UsageError } from '../exitCodes';
import { type Endpoint, type NetworkEndpoint, textOf } from './Endpoint';
import { MessagePeer } from './MessagePeer';
import { type Peer, peerOfConnection } from './Peer';
import { resolved } from './resolved';
import { type TlsValues, tlsOptionsOf } from './tlsOptions';

/** Milliseconds for connecting, and for the handshake of TLS. */
export const CONNECT_TIMEOUT = 10_000;

/** How to connect. */
export interface Connecting {
  readonly timeout?: number | undefined;
  readonly idleTimeout?: number | undefined;
  readonly tls: TlsValues;
}

/** Connects on subscription, and emits the one connection, as `connect` of the library. */
export function connectionTo(
  endpoint: Endpoint,
  { timeout = CONNECT_TIMEOUT, idleTimeout, tls }: Connecting,
): Observable<Connection> {
  const settings: ConnectOptions = {
    timeout,
    // The end of one direction is for the other side to answer.
    allowHalfOpen: true,
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
  };
  switch (endpoint.scheme) {
    case 'stdio':
    case 'udp':
      throw new UsageError(`${textOf(endpoint)} is not a connection`);
    case 'tls': {
      const secured = { ...tlsOptionsOf(tls), handshakeTimeout: timeout };
      return connect(targetOf(endpoint), { ...settings, tls: secured });
    }
    case 'tcp':
      return connect(targetOf(endpoint), settings);
    default:
      return connect({ path: endpoint.path }, settings);
  }
}

function targetOf({ host, port }: NetworkEndpoint): { host?: string; port: number } {
  return host === undefined ? { port } : { host, port };
}

/** Connects on subscription, also by UDP. */
export function peerAt(endpoint: Endpoint, connecting: Connecting): Observable<Peer> {
  if (endpoint.scheme === 'udp') return udpPeer(endpoint, connecting.idleTimeout);
  return connectionTo(endpoint, connecting).pipe(
    map((connection) => peerOfConnection(connection, textOf(endpoint))),
  );
}

function udpPeer(
  { host = 'localhost', port }: NetworkEndpoint,
  idleTimeout: number | undefined,
): Observable<Peer> {
  return from(resolved(host)).pipe(
    map((address) => fromMessageSocket(connectUdp({ host: address, port }))),
    map((endpoint) => new MessagePeer(endpoint, idleTimeout)),
  );
}
