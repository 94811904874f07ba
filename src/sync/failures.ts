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
 * What a verb that reached its deadline throws: `readUntil ETIMEDOUT 127.0.0.1:6379: no delimiter came within 500 ms, after
 * 12 bytes`. Of a deadline that several verbs share: `within the deadline of 500 ms`.
 *
 * @param details whom it waited for, and what there was by then
 * @param missing what did not happen
 * @param options with the last error as `cause`, of a verb that tried again and again
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
