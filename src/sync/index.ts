/**
 * Blocking verbs with a timeout, for scripts that know nothing of an event loop.
 *
 * @module bipoll/sync
 */
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
export { type Authorize, type PeerRule } from '../core/authorize';
export { type PeerCredentials } from '../core/peerCredentials';
export { type PeerRefused } from '../core/refusal';
export { TlsTruncatedError } from '../handshake/tlsErrors';
export { FramingError, type FramingErrorCode } from '../framing';
export { type ByteStream } from '../core/ByteStream';
export { accept } from './accept';
export { type LocalTarget, type Target, type TcpTarget } from '../core/target';
export { connect } from './connect';
export { type Deadline, deadlineIn } from './Deadline';
export { EndOfStreamError } from './EndOfStreamError';
export { frames } from './frames';
export { LimitExceededError } from './LimitExceededError';
export {
  type AcceptingOptions,
  type BlockingOptions,
  type CollectingOptions,
  type InterruptibleOptions,
  type ReceivingOptions,
  type SendingOptions,
  type TimeLimit,
} from './options';
export { poll } from './poll';
export { pollAll, type PollQuery } from './pollAll';
export { receiveMessage } from './receiveMessage';
export { readExactly } from './readExactly';
export { readLine } from './readLine';
export { readSome } from './readSome';
export { readUntil } from './readUntil';
export { retry } from './retry';
export { sendMessage } from './sendMessage';
export { sleep } from './sleep';
export { acceptTls } from './tls/acceptTls';
export { connectTls } from './tls/connectTls';
export { type PlainTlsOptions, type SecuringOptions, type StartTlsOptions } from './tls/options';
export { startTls } from './tls/startTls';
export { TlsStream } from './tls/TlsStream';
export { writeAll } from './writeAll';
