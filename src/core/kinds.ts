import { Descriptor } from './Descriptor';
import { LocalDatagramSocket } from './LocalDatagramSocket';
import { LocalPacketServer } from './LocalPacketServer';
import { LocalPacketSocket } from './LocalPacketSocket';
import { LocalServer } from './LocalServer';
import { LocalStream } from './LocalStream';
import { localAddressOf } from './localAddress';
import { native, type Token } from './native';
import type { Socket } from './Socket';
import { TcpServer } from './TcpServer';
import { TcpStream } from './TcpStream';
import { UdpSocket } from './UdpSocket';

/** In the order of `enum bp_kind`. */
const kinds = [
  'tcpServer',
  'localServer',
  'tcp',
  'local',
  'descriptor',
  'udp',
  'localDatagram',
  'localPacketServer',
  'localPackets',
] as const;

/** What a descriptor is: a server, a stream, a socket for messages, or anything else that can be polled. */
export type SocketKind = (typeof kinds)[number];

/** The engine's number of a kind; -1 for an unknown one. */
export function numberOfKind(kind: unknown): number {
  return kinds.indexOf(kind as SocketKind);
}

export const kindNames: readonly string[] = kinds;

/** The object for an adopted socket. The path of a local one is not known. */
export function socketOfKind(kind: number, token: Token): Socket {
  switch (kinds[kind]) {
    case 'tcpServer':
      return new TcpServer(token, localAddressOf(token));
    case 'localServer':
      return new LocalServer(token, '');
    case 'tcp':
      return new TcpStream(token);
    case 'local':
      return new LocalStream(token, '');
    case 'udp':
      return new UdpSocket(token, null, native.remoteAddress(token));
    case 'localDatagram':
      return new LocalDatagramSocket(token, '', '', null);
    case 'localPacketServer':
      return new LocalPacketServer(token, '');
    case 'localPackets':
      return new LocalPacketSocket(token, '');
    default:
      return new Descriptor(token);
  }
}
