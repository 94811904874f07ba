import { LOOPBACK_IPV4 } from './addresses';
import { checkBoolean, checkInteger, type OptionNames, optionsOf } from './argument';
import { errorOfCode, orThrow, socketError, type SocketError } from './errors';
import { native } from './native';
import { checkNumericAddress, checkPort } from './numericAddress';
import {
  checkTcpStreamOptions,
  TCP_STREAM_DEFAULTS,
  TCP_STREAM_OPTIONS,
  type TcpStreamOptions,
} from './tcpStreamOptions';
import { TcpServer } from './TcpServer';
import { TcpStream } from './TcpStream';

const MAX_INT = 2 ** 31 - 1;
/** As Node's. */
export const DEFAULT_BACKLOG = 511;

/** @see listenTcp */
export interface ListenTcpOptions extends TcpStreamOptions {
  /** A numeric address; `127.0.0.1` by default. */
  host?: string;
  /** `0`: the system chooses one. */
  port: number;
  /** How many connections may wait to be accepted; 511 by default. */
  backlog?: number;
  /** Allows a port that still has connections in TIME_WAIT; true by default. */
  reuseAddress?: boolean;
  /** Shares the port with other servers that set this option. */
  reusePort?: boolean;
  /** Takes no IPv4 connections on an IPv6 address. */
  ipv6Only?: boolean;
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

export const LISTEN_TCP_OPTIONS: OptionNames<ListenTcpOptions> = {
  host: true,
  port: true,
  backlog: true,
  reuseAddress: true,
  reusePort: true,
  ipv6Only: true,
  ...TCP_STREAM_OPTIONS,
};
export const CONNECT_TCP_OPTIONS: OptionNames<ConnectTcpOptions> = {
  ...TCP_STREAM_OPTIONS,
  host: true,
  port: true,
  localAddress: true,
  localPort: true,
};

/**
 * Listens for TCP connections. The options of a stream, such as `noDelay`, are for those that it accepts.
 *
 * @throws SocketError `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`; `ENODEV`: no such `interface`; `ENOPROTOOPT`: this system
 *   lacks an option
 * @example
 * using server = listenTcp({ port: 0 });
 * console.log(server.port);
 */
export function listenTcp(options: ListenTcpOptions): TcpServer {
  return tcpBinder(optionsOf('options', options, LISTEN_TCP_OPTIONS))();
}

/** Checks options that were read. @returns what listens */
export function tcpBinder(options: ListenTcpOptions): () => TcpServer {
  const host = checkNumericAddress('host', options.host ?? LOOPBACK_IPV4);
  const port = checkPort('port', options.port);
  const backlog = checkInteger('backlog', options.backlog ?? DEFAULT_BACKLOG, 0, MAX_INT);
  const reuseAddress = checkBoolean('reuseAddress', options.reuseAddress ?? true);
  const reusePort = checkBoolean('reusePort', options.reusePort ?? false);
  const ipv6Only = checkBoolean('ipv6Only', options.ipv6Only ?? false);
  const streamOptions = checkTcpStreamOptions(options, TCP_STREAM_DEFAULTS);
  return () => {
    const where = { address: host, port };
    const result = native.listenTcp(
      host,
      port,
      backlog,
      reuseAddress,
      reusePort,
      ipv6Only,
      ...streamOptions,
    );
    const token = orThrow(result, 'listen', where);
    const address = native.localAddress(token);
    if (typeof address === 'number') {
      native.close(token); // nobody would know on which port it listens
      throw socketError(address, 'getsockname', where);
    }
    return new TcpServer(token, address, streamOptions);
  };
}

/**
 * Begins to connect and returns at once. The stream reports when connecting is over and how it went: a refusal is no
 * exception here, but the stream's `connectionError()`.
 *
 * @throws SocketError if the local address cannot be had: `EADDRNOTAVAIL`, `EADDRINUSE`; `EMFILE`; `ENODEV`: no such
 *   `interface`; `ENOPROTOOPT`: this system lacks an option
 *
 * @example
 * using stream = connectTcp({ host: '192.0.2.1', port: 7000, keepAlive: 10_000, keepAliveCount: 3 });
 */
export function connectTcp(options: ConnectTcpOptions): TcpStream {
  const own = optionsOf('options', options, CONNECT_TCP_OPTIONS);
  const host = checkNumericAddress('host', own.host);
  return tcpConnector(own)(host);
}

/** Checks options that were read. @returns what begins to connect to a numeric address */
export function tcpConnector(
  options: Omit<ConnectTcpOptions, 'host'>,
): (host: string) => TcpStream {
  const port = checkPort('port', options.port);
  const localAddress =
    options.localAddress === undefined
      ? null
      : checkNumericAddress('localAddress', options.localAddress);
  const localPort = checkPort('localPort', options.localPort ?? 0);
  const streamOptions = checkTcpStreamOptions(options, TCP_STREAM_DEFAULTS);
  return (host) => {
    const token = native.connectTcp(host, port, localAddress, localPort, ...streamOptions);
    if (token >= 0) return new TcpStream(token);
    throw notBegun(socketError(token, 'connect', { address: host, port }), localAddress, localPort);
  };
}

/** Errors that are thrown at once, and not reported by the stream, are local: no memory, or no such local address. */
function notBegun(error: SocketError, localAddress: string | null, localPort: number): SocketError {
  const isOfBinding = error.code === 'EADDRNOTAVAIL' || error.code === 'EADDRINUSE';
  if (!isOfBinding || (localAddress === null && localPort === 0)) return error;
  return errorOfCode(error.code, 'bind', {
    ...(localAddress === null ? {} : { address: localAddress }),
    ...(localPort === 0 ? {} : { port: localPort }),
  });
}
