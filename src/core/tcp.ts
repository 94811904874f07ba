import { LOOPBACK_IPV4 } from './addresses';
import { checkBoolean, checkInteger, checkOptions, checkString, invalidValue } from './argument';
import { orThrow } from './errors';
import { native } from './native';
import { TcpServer } from './TcpServer';
import { TcpStream } from './TcpStream';

const MAX_PORT = 65_535;
const MAX_INT = 2 ** 31 - 1;
/** Linux refuses more seconds than 15 bits hold. */
const MAX_KEEP_ALIVE = 32_767_000;
/** As Node's. */
export const DEFAULT_BACKLOG = 511;

/** @see listenTcp */
export interface ListenTcpOptions {
  /** A numeric address; `127.0.0.1` by default. */
  host?: string;
  /** `0`: the system chooses one. */
  port: number;
  /** How many connections may wait to be accepted; 511 by default. */
  backlog?: number;
  /** Takes a port whose last connections have not timed out yet; true by default. */
  reuseAddress?: boolean;
  /** Shares the port with others who ask for it too. */
  reusePort?: boolean;
  /** Takes no IPv4 connections on an IPv6 address. */
  ipv6Only?: boolean;
}

/** How a TCP stream behaves. */
export interface TcpStreamOptions {
  /** Sends small writes at once; true by default, unlike `node:net`, since messages wait for replies. */
  noDelay?: boolean;
  /** Probes an idle connection: true, or the idle milliseconds before the first probe, at most 32,767,000. */
  keepAlive?: boolean | number;
  /** Milliseconds that sent bytes may stay unacknowledged before the connection fails (Linux). */
  userTimeout?: number;
}

/** @see connectTcp */
export interface ConnectTcpOptions extends TcpStreamOptions {
  /** A numeric address; `resolve` turns a name into one. */
  host: string;
  port: number;
  /** The numeric address to connect from. */
  localAddress?: string;
  localPort?: number;
}

function checkAddress(name: string, value: unknown): string {
  const text = checkString(name, value);
  if (text.includes('\0') || native.addressFamily(text) === 0) {
    throw invalidValue(name, 'must be a numeric address: see resolve()', value);
  }
  return text;
}

/**
 * Listens for TCP connections.
 *
 * @throws SocketError `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`
 * @example
 * using server = listenTcp({ port: 0 });
 * console.log(server.port);
 */
export function listenTcp(options: ListenTcpOptions): TcpServer {
  checkOptions('options', options);
  const host = checkAddress('host', options.host ?? LOOPBACK_IPV4);
  const port = checkInteger('port', options.port, 0, MAX_PORT);
  const token = native.listenTcp(
    host,
    port,
    checkInteger('backlog', options.backlog ?? DEFAULT_BACKLOG, 0, MAX_INT),
    checkBoolean('reuseAddress', options.reuseAddress ?? true),
    checkBoolean('reusePort', options.reusePort ?? false),
    checkBoolean('ipv6Only', options.ipv6Only ?? false),
  );
  return new TcpServer(orThrow(token, 'listen', { address: host, port }));
}

/** Checked, in the order in which the native calls take them. @internal */
export function checkTcpStreamOptions(
  options: TcpStreamOptions,
): [noDelay: boolean, keepAlive: boolean, keepAliveSeconds: number, userTimeout: number] {
  const { noDelay = true, keepAlive = false, userTimeout = 0 } = options;
  return [
    checkBoolean('noDelay', noDelay),
    keepAlive !== false,
    keepAliveSeconds(keepAlive),
    checkInteger('userTimeout', userTimeout, 0, MAX_INT),
  ];
}

function keepAliveSeconds(value: unknown): number {
  if (typeof value === 'boolean') return 0;
  return Math.max(1, Math.round(checkInteger('keepAlive', value, 1, MAX_KEEP_ALIVE) / 1000));
}

/**
 * Begins to connect and returns at once: the stream says when that is over and how it went. A refusal is
 * no exception here but the stream's `connectionError()`.
 *
 * @throws SocketError if the local address cannot be had: `EADDRNOTAVAIL`, `EADDRINUSE`; `EMFILE`
 */
export function connectTcp(options: ConnectTcpOptions): TcpStream {
  checkOptions('options', options);
  const host = checkAddress('host', options.host);
  const port = checkInteger('port', options.port, 0, MAX_PORT);
  const { localAddress } = options;
  const token = native.connectTcp(
    host,
    port,
    localAddress === undefined ? null : checkAddress('localAddress', localAddress),
    checkInteger('localPort', options.localPort ?? 0, 0, MAX_PORT),
    ...checkTcpStreamOptions(options),
  );
  return new TcpStream(orThrow(token, 'connect', { address: host, port }));
}
