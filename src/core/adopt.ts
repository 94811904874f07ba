import { checkInteger, invalidValue } from './argument';
import { SocketBusyError, SocketError, socketError } from './errors';
import type { Descriptor } from './Descriptor';
import { kindNames, numberOfKind, socketOfKind, type SocketKind } from './kinds';
import type { LocalDatagramSocket } from './LocalDatagramSocket';
import type { LocalPacketServer } from './LocalPacketServer';
import type { LocalPacketSocket } from './LocalPacketSocket';
import type { LocalServer } from './LocalServer';
import { setSocketMaker, type LocalStream } from './LocalStream';
import { type Failure, native } from './native';
import type { TcpServer } from './TcpServer';
import type { TcpStream } from './TcpStream';
import type { UdpSocket } from './UdpSocket';

const MAX_FD = 2 ** 31 - 1;

interface SocketOfKind {
  tcpServer: TcpServer;
  localServer: LocalServer;
  tcp: TcpStream;
  local: LocalStream;
  descriptor: Descriptor;
  udp: UdpSocket;
  localDatagram: LocalDatagramSocket;
  localPacketServer: LocalPacketServer;
  localPackets: LocalPacketSocket;
}

/**
 * Takes over a descriptor from elsewhere: stdin, a pipe, a socket that was inherited. `close()` then closes
 * it, except for 0, 1 and 2, which it only lets go of.
 *
 * @param fd the descriptor. Nobody else may close it from now on
 * @param kind what it is; `'descriptor'` is right for whatever is none of the others, and possible for each
 * @throws SocketBusyError it belongs to another socket of this process, which can `detach()` it
 * @throws SocketError `ENOTSUP` on Windows; `EBADF`; `ENOTSOCK` or `EPROTOTYPE` if it is of another kind
 *
 * @example
 * const stdin = adopt(0, 'descriptor');
 * const [ready] = pollAll([[stdin, 'readable']], 1000) // of bipoll/sync
 */
export function adopt<Kind extends SocketKind>(fd: number, kind: Kind): SocketOfKind[Kind] {
  checkInteger('fd', fd, 0, MAX_FD);
  const number = numberOfKind(kind);
  if (number < 0) throw invalidValue('kind', `must be one of ${kindNames.join(', ')}`, kind);
  const token = native.adopt(fd, number);
  if (token < 0) throw refusalOf(token, fd);
  return socketOfKind(number, token) as SocketOfKind[Kind];
}

function refusalOf(failure: Failure, fd: number): Error {
  if (native.errorName(failure) === 'EBUSY') {
    return new SocketBusyError(
      `Descriptor ${fd} belongs to another socket, perhaps of another thread: detach() gives it away`,
    );
  }
  const { message, code, errno } = socketError(failure, 'adopt');
  return new SocketError(`${message}, of descriptor ${fd}`, code, errno, { syscall: 'adopt' });
}

setSocketMaker(socketOfKind);
