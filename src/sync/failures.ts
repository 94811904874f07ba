import {
  InterruptedError,
  placeOf,
  socketError,
  type SocketError,
  TimeoutError,
  type TimeoutDetails,
  type Where,
} from '../core/errors';
import { native, type Failure } from '../core/native';
import type { Deadline } from './Deadline';

/**
 * The error of a verb that reached its deadline: `readUntil ETIMEDOUT 127.0.0.1:6379: no delimiter came within 500 ms,
 * after 12 bytes`. For a deadline that several verbs share: `within the deadline of 500 ms`.
 *
 * @param details the peer that it waited for, and what had arrived
 * @param missing what did not happen
 * @param options has the last error as `cause`, for a verb that kept trying
 */
export function timedOut(
  verb: string,
  { timeout, isShared }: Deadline,
  details: TimeoutDetails,
  missing: string,
  options?: ErrorOptions,
): TimeoutError {
  const { bytesAvailable = 0, bytesWritten = 0 } = details;
  const bytes = bytesAvailable || bytesWritten;
  const behind = bytes === 0 ? '' : `, after ${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
  const within = `within ${isShared ? 'the deadline of ' : ''}${rounded(timeout)} ms`;
  const message = `${verb} ETIMEDOUT${placeOf(details)}: ${missing} ${within}${behind}`;
  return new TimeoutError(message, details, options);
}

/** Milliseconds as one reads them: whole ones, but for a few. */
function rounded(ms: number): number {
  return ms < 10 ? Math.round(ms * 100) / 100 : Math.round(ms);
}

/** The error for a native call that failed within a verb. */
export function failed(
  failure: Failure,
  verb: string,
  syscall: string,
  where: Where,
): SocketError | InterruptedError {
  return native.errorName(failure) === 'EINTR'
    ? interrupted(verb, where)
    : socketError(failure, syscall, where);
}

/** What a verb throws that a signal has ended. */
export function interrupted(verb: string, where: Where): InterruptedError {
  return new InterruptedError(`${verb} EINTR${placeOf(where)}: a signal ended it`);
}
