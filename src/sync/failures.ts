import { InterruptedError, socketError, TimeoutError, type SocketError } from '../core/errors';
import { native, type Failure } from '../core/native';
import type { Deadline } from './options';

/** What a verb that reached its deadline throws. */
export function timedOut(verb: string, deadline: Deadline, bytesWritten = 0): TimeoutError {
  return new TimeoutError(
    `ETIMEDOUT: ${verb} reached its timeout of ${deadline.timeout} ms`,
    bytesWritten,
  );
}

/** The error for a native call that failed within a verb. */
export function failed(
  failure: Failure,
  verb: string,
  syscall: string,
): SocketError | InterruptedError {
  if (native.errorName(failure) === 'EINTR') {
    return new InterruptedError(`EINTR: a signal ended ${verb}`);
  }
  return socketError(failure, syscall);
}
