import { native, type Failure } from './native';

/** What a {@link SocketError} knows of the call that failed. */
export interface SocketErrorDetails {
  /** The system call, `connect`. */
  syscall?: string;
  /** The numeric address. */
  address?: string;
  port?: number;
  /** The path of a local socket. */
  path?: string;
}

/**
 * A system call failed. Its properties are those of Node's system errors.
 *
 * @example
 * try {
 *   connectLocal({ path });
 * } catch (error) {
 *   if (error instanceof SocketError && error.code === 'ENOENT') startServer();
 *   else throw error;
 * }
 */
export class SocketError extends Error {
  override readonly name: string = 'SocketError';
  /** The error's name, `ECONNREFUSED`. */
  readonly code: string;
  /** The system's number of it, negative. */
  readonly errno: number;
  declare readonly syscall?: string;
  declare readonly address?: string;
  declare readonly port?: number;
  declare readonly path?: string;

  constructor(message: string, code: string, errno: number, details: SocketErrorDetails = {}) {
    super(message);
    this.code = code;
    this.errno = errno;
    Object.assign(this, details);
  }
}

/** `accept()` found nobody waiting (`EAGAIN`). */
export class NoConnectionAvailableError extends SocketError {
  override readonly name = 'NoConnectionAvailableError';
}

/** The path is taken by a socket file that nobody serves any more (`EADDRINUSE`). */
export class StaleSocketError extends SocketError {
  override readonly name = 'StaleSocketError';
}

/** A blocking verb reached its deadline (`ETIMEDOUT`). What had arrived is there for the next call. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
  readonly code = 'ETIMEDOUT';

  constructor(
    message: string,
    /** How many bytes the system had taken, of a write that timed out. */
    readonly bytesWritten = 0,
  ) {
    super(message);
  }
}

/** A signal ended a blocking verb that was `interruptible` (`EINTR`). */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  readonly code = 'EINTR';
}

/** The socket or poller was closed before the call (`ERR_SOCKET_CLOSED`). */
export class SocketClosedError extends Error {
  override readonly name = 'SocketClosedError';
  readonly code = 'ERR_SOCKET_CLOSED';
}

/** The socket is in use by an Observable, so that a call in the other style would mix with it (`ERR_SOCKET_BUSY`). */
export class SocketBusyError extends Error {
  override readonly name = 'SocketBusyError';
  readonly code = 'ERR_SOCKET_BUSY';
}

/** Makes the error of a failed call, with a message in the form of Node's. */
export function socketError(
  failure: Failure,
  syscall: string,
  where: Omit<SocketErrorDetails, 'syscall'> = {},
): SocketError {
  const code = native.errorName(failure);
  const at =
    where.path ?? (where.port === undefined ? where.address : `${where.address}:${where.port}`);
  const place = at === undefined ? '' : ` ${at.replaceAll('\0', '@')}`;
  const message = `${code}: ${native.errorMessage(failure)}, ${syscall}${place}`;
  return new SocketError(message, code, failure, { syscall, ...where });
}

/** Returns the result of a native call, or throws what it failed with. */
export function orThrow(
  result: number,
  syscall: string,
  where?: Omit<SocketErrorDetails, 'syscall'>,
): number {
  if (result < 0) throw socketError(result, syscall, where);
  return result;
}
