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
export { type Deadline, deadlineIn } from './Deadline';
export { EndOfStreamError } from './EndOfStreamError';
export { frames } from './frames';
export { LimitExceededError } from './LimitExceededError';
export {
  type BlockingOptions,
  type CollectingOptions,
  type InterruptibleOptions,
  type TimeLimit,
} from './options';
export { poll } from './poll';
export { pollAll, type PollQuery } from './pollAll';
export { readExactly } from './readExactly';
export { readLine } from './readLine';
export { readSome } from './readSome';
export { readUntil } from './readUntil';
export { retry } from './retry';
export { sleep } from './sleep';
export { writeAll } from './writeAll';
