/**
 * Connections in virtual time, and recordings of real ones, for tests with marble diagrams.
 *
 * @module bipoll/testing
 */
export {
  SocketBusyError,
  SocketClosedError,
  SocketError,
  type SocketErrorDetails,
  type TimeoutDetails,
  TimeoutError,
  type Where,
} from '../core/errors';
export { QueueFullError } from '../reactive/connection/QueueFullError';
export { record, type RecordedConnection, type Recording } from './record';
export { type RecordOptions } from './recordOptions';
export { recordTo, type RecordToOptions } from './recordTo';
export { type Stretch } from './ReadingLog';
export { virtualConnect } from './virtualConnect';
export {
  virtualConnection,
  type VirtualConnection,
  type VirtualConnectionOptions,
} from './virtualConnection';
export { virtualListener } from './virtualListener';
export {
  type SentMessages,
  virtualMessages,
  type VirtualMessages,
  type VirtualMessagesOptions,
} from './virtualMessages';
export type { VirtualEnds } from './virtualEnds';
