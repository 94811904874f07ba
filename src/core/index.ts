/**
 * Sockets, servers and pollers over the native engine. Every call here returns at once but
 * `Poller.wait` and `resolve`.
 *
 * @module bipoll
 */
export { ANY_IPV4, ANY_IPV6, LOOPBACK_IPV4, LOOPBACK_IPV6 } from './addresses';
export { adopt } from './adopt';
export { type Backend } from './backend';
export { type LoopBackend } from './loopBackend';
export { capabilities, type Capabilities, type Features } from './capabilities';
export { type ByteStream } from './ByteStream';
export { Child, type ChildExit, type StartedChild } from './Child';
export { DatagramSocket } from './DatagramSocket';
export { Descriptor, type DescriptorAccess } from './Descriptor';
export {
  InterruptedError,
  NoConnectionAvailableError,
  SocketBusyError,
  SocketClosedError,
  SocketError,
  type SocketErrorDetails,
  StaleSocketError,
  type TimeoutDetails,
  TimeoutError,
  type Where,
} from './errors';
export {
  type ChildEvent,
  type DatagramEvent,
  type DescriptorEvent,
  type EventOf,
  type EventsOf,
  type ServerEvent,
  type SignalEvent,
  type SocketEvent,
  type StreamEvent,
  type TimerEvent,
} from './events';
export { FutureConnection } from './FutureConnection';
export { type SocketKind } from './kinds';
export { connectLocal, listenLocal, type ListenLocalOptions, socketPair } from './local';
export {
  bindLocalDatagram,
  type BindLocalDatagramOptions,
  connectLocalDatagram,
  type ConnectLocalDatagramOptions,
} from './localDatagrams';
export { inheritedServers } from './inheritedServers';
export { type LocalAddress, LocalDatagramSocket } from './LocalDatagramSocket';
export { connectLocalPackets, listenLocalPackets } from './localPackets';
export { LocalPacketServer } from './LocalPacketServer';
export { LocalPacketSocket } from './LocalPacketSocket';
export { LocalServer } from './LocalServer';
export { LocalStream, type ReceivedDescriptors } from './LocalStream';
export { type Message, type OutgoingMessage, type ReceiveOptions } from './messages';
export { type Authorize, type PeerRule } from './authorize';
export { openTimer, type TimerOptions } from './openTimer';
export { type PeerCredentials } from './peerCredentials';
export { type PeerRefused } from './refusal';
export { type Occurrence, Poller, type PollerOptions } from './Poller';
export { resolve, type ResolveOptions } from './resolve';
export { type Server } from './Server';
export { SignalSource } from './SignalSource';
export { Socket } from './Socket';
export { type SocketFileOptions } from './socketFileOptions';
export { StreamServer } from './StreamServer';
export { type ReadOptions, StreamSocket, type WriteOptions } from './StreamSocket';
export { connectTcp, type ConnectTcpOptions, listenTcp, type ListenTcpOptions } from './tcp';
export { TcpServer } from './TcpServer';
export { TcpStream } from './TcpStream';
export { type TcpInformation } from './tcpInformation';
export { type TcpStreamOptions } from './tcpStreamOptions';
export {
  bindUdp,
  type BindUdpOptions,
  connectUdp,
  type ConnectUdpOptions,
  type UdpSocketOptions,
} from './udp';
export { type UdpAddress, UdpSocket } from './UdpSocket';
export { Timer } from './Timer';
export { wake, type Waker } from './waker';
export { watchChild } from './watchChild';
export { watchSignals, type WatchableSignal } from './watchSignals';
