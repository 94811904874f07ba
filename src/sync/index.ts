/** Blocking verbs with a timeout, for scripts that know nothing of an event loop. */
export {
  InterruptedError,
  SocketBusyError,
  SocketClosedError,
  SocketError,
  type SocketErrorDetails,
  type TimeoutDetails,
  TimeoutError,
  type Where,
} from '../core/errors';
export { FramingError, type FramingErrorCode } from '../framing';
export { accept } from './accept';
export { type LocalTarget, type Target, type TcpTarget } from '../core/target';
export { connect } from './connect';
export { EndOfStreamError } from './EndOfStreamError';
export { frames } from './frames';
export { LimitExceededError } from './LimitExceededError';
export { type BlockingOptions, type CollectingOptions } from './options';
export { poll } from './poll';
export { pollAll, type PollQuery } from './pollAll';
export { readExactly } from './readExactly';
export { readLine } from './readLine';
export { readSome } from './readSome';
export { readUntil } from './readUntil';
export { writeAll } from './writeAll';
