/**
 * Observables of connections and their data, with back-pressure.
 *
 * @module bipoll/reactive
 */
export {
  SocketBusyError,
  SocketClosedError,
  SocketError,
  type SocketErrorDetails,
  StaleSocketError,
  type TimeoutDetails,
  TimeoutError,
  type Where,
} from '../core/errors';
export { type Authorize, type PeerRule } from '../core/authorize';
export { type PeerCredentials } from '../core/peerCredentials';
export { type PeerRefused } from '../core/refusal';
export { type SocketEvent } from '../core/events';
export { type LocalTarget, type Target, type TcpTarget } from '../core/target';
export { FramingError, type FramingErrorCode } from '../framing';
export { AbortError } from './abort';
export { bind, type LocalBindTarget, type UdpBindTarget } from './bind';
export {
  type BytesQueued,
  type BytesRead,
  type BytesWritten,
  type ConnectionClosed,
  type ConnectionFailed,
  type ConnectionOpened,
  type ListenerChanged,
  type ReadingHeld,
  type SideEnded,
} from './connection/channels';
export { connect, type ConnectOptions } from './connect';
export { connectPackets } from './connectPackets';
export { type Connection, type ConnectionOptions } from './connection/Connection';
export { type Sendable, type WithDescriptors } from './connection/Sendable';
export { type AcceptOptions, fromServer } from './fromServer';
export { decode, type DecodeOptions } from './decode';
export { encode } from './encode';
export { type LoopDriver } from './loop/Driver';
export { EventLoop, type EventLoopOptions } from './loop/EventLoop';
export { fromMessageSocket, type MessageOptions } from './fromMessageSocket';
export { fromDescriptor } from './fromDescriptor';
export { fromSocket } from './fromSocket';
export { type PacketServerOptions } from './fromPacketServer';
export { listenPackets } from './listenPackets';
export { listen, type ListeningAddress, type ListenOptions, type ListenTarget } from './listen';
export { type AddressOf, MessageEndpoint } from './messages/MessageEndpoint';
export { openConnection } from './openConnection';
export { pacedMap, type PacedMapOptions } from './pacedMap';
export { readiness, type ReadinessOptions } from './readiness';
export { serve, type ServeOptions } from './serve';
export { QueueFullError } from './connection/QueueFullError';
export { TlsTruncatedError } from '../handshake/tlsErrors';
export { type ClientTlsOptions, type ServerTlsOptions } from './tls/options';
export { type TlsConnection } from './tls/TlsConnection';
export { reconnect, type ReconnectAttempt, type ReconnectOptions } from './reconnect';
