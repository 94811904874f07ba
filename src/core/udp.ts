import { ANY_IPV4, ANY_IPV6, LOOPBACK_IPV4 } from './addresses';
import { checkBoolean, checkInteger, type OptionNames, optionsOf } from './argument';
import { orThrow, socketError, type Where } from './errors';
import { native, type NativeAddress } from './native';
import { checkNumericAddress, checkPort } from './numericAddress';
import { UdpSocket } from './UdpSocket';

const MAX_INT = 2 ** 31 - 1;

/** How a UDP socket is made. */
export interface UdpSocketOptions {
  /** Bytes of messages that may wait to be received, as far as the system allows; its own default by default. */
  receiveBufferSize?: number;
  /** Bytes of messages that may wait to be sent, likewise. */
  sendBufferSize?: number;
}

/** @see bindUdp */
export interface BindUdpOptions extends UdpSocketOptions {
  /** A numeric address; `127.0.0.1` by default, which others cannot reach. */
  host?: string;
  /** `0`, the default: the system chooses one. */
  port?: number;
  /** Shares the port with others that ask for it too: what goes to a group then comes to each of them. */
  reuseAddress?: boolean;
  /** Shares the port with others that ask for it too: each message comes to one of them. */
  reusePort?: boolean;
  /** Takes no messages over IPv4 on an IPv6 address. */
  ipv6Only?: boolean;
}

/** @see connectUdp */
export interface ConnectUdpOptions extends UdpSocketOptions {
  /** A numeric address; `resolve` turns a name into one. */
  host: string;
  port: number;
  /** The numeric address to send from. */
  localAddress?: string;
  localPort?: number;
}

const UDP_SOCKET_OPTIONS: OptionNames<UdpSocketOptions> = {
  receiveBufferSize: true,
  sendBufferSize: true,
};
export const BIND_UDP_OPTIONS: OptionNames<BindUdpOptions> = {
  ...UDP_SOCKET_OPTIONS,
  host: true,
  port: true,
  reuseAddress: true,
  reusePort: true,
  ipv6Only: true,
};
const CONNECT_UDP_OPTIONS: OptionNames<ConnectUdpOptions> = {
  ...UDP_SOCKET_OPTIONS,
  host: true,
  port: true,
  localAddress: true,
  localPort: true,
};

function checkBuffers(
  options: UdpSocketOptions,
): [receiveBufferSize: number, sendBufferSize: number] {
  return [
    checkInteger('receiveBufferSize', options.receiveBufferSize ?? 0, 0, MAX_INT),
    checkInteger('sendBufferSize', options.sendBufferSize ?? 0, 0, MAX_INT),
  ];
}

/**
 * Opens a UDP socket at an address, to receive from anybody and to send to anybody.
 *
 * @throws SocketError `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`
 * @example
 * using socket = bindUdp({ port: 5000 });
 * socket.send(Buffer.from('hello'), { host: '127.0.0.1', port: 5001 });
 */
export function bindUdp(options: BindUdpOptions = {}): UdpSocket {
  return udpBinder(optionsOf('options', options, BIND_UDP_OPTIONS))();
}

/** Checks options that were read. @returns what binds */
export function udpBinder(options: BindUdpOptions): () => UdpSocket {
  const host = checkNumericAddress('host', options.host ?? LOOPBACK_IPV4);
  const port = checkPort('port', options.port ?? 0);
  const reuseAddress = checkBoolean('reuseAddress', options.reuseAddress ?? false);
  const reusePort = checkBoolean('reusePort', options.reusePort ?? false);
  const ipv6Only = checkBoolean('ipv6Only', options.ipv6Only ?? false);
  const buffers = checkBuffers(options);
  return () => {
    const token = native.openUdp(
      ...([host, port, reuseAddress, reusePort, ipv6Only, null, 0] as const),
      ...buffers,
    );
    return opened(token, 'bind', { address: host, port }, null);
  };
}

/**
 * Opens a UDP socket for one peer alone: messages go to it, and only its own come. That nobody is there is told, if at all,
 * by a later `send` or `receive`, which fails with `ECONNREFUSED`.
 *
 * @throws SocketError `ENETUNREACH` and the like; `EADDRNOTAVAIL`, `EADDRINUSE`: the local address cannot be had
 * @example
 * using socket = connectUdp({ host: '127.0.0.1', port: 8125 });
 * socket.send(Buffer.from('requests:1|c'));
 */
export function connectUdp(options: ConnectUdpOptions): UdpSocket {
  const own = optionsOf('options', options, CONNECT_UDP_OPTIONS);
  const peer = checkNumericAddress('host', own.host);
  const peerPort = checkPort('port', own.port);
  const any = native.addressFamily(peer) === 4 ? ANY_IPV4 : ANY_IPV6;
  const host = checkNumericAddress('localAddress', own.localAddress ?? any);
  const port = checkPort('localPort', own.localPort ?? 0);
  const token = native.openUdp(
    ...([host, port, false, false, false, peer, peerPort] as const),
    ...checkBuffers(own),
  );
  return opened(
    token,
    'connect',
    { address: peer, port: peerPort },
    { host: peer, port: peerPort },
  );
}

/** @param peer what it was to be connected to: as the system writes it, where that tells */
function opened(
  result: number,
  syscall: string,
  where: Where,
  peer: NativeAddress | null,
): UdpSocket {
  const token = orThrow(result, syscall, where);
  const local = native.localAddress(token);
  if (typeof local !== 'number') {
    return new UdpSocket(token, local, native.remoteAddress(token) ?? peer);
  }
  native.close(token); // nobody would know on which port it is
  throw socketError(local, 'getsockname', where);
}
