import type { Failure } from './native';
import { nodesError, systemError, type SystemError } from './systemErrors';

/** Whom a call had to do with. */
export interface Where {
  /** The numeric address, or the path of a local socket, as in Node. */
  address?: string;
  port?: number;
  /** The path of a local socket. */
  path?: string;
  /** The name that was looked up. */
  hostname?: string;
}

/** What a {@link SocketError} knows of the call that failed. */
export interface SocketErrorDetails extends Where {
  /** The system call, `connect`. */
  syscall?: string;
}

/**
 * A system call failed. Its message and its properties are those of `node:net` for the same failure:
 * `connect ECONNREFUSED 127.0.0.1:1`, `listen EADDRINUSE: address already in use 127.0.0.1:80`, `read ECONNRESET`. Where Node
 * knows no more than that a read or a write failed, `address` and `port` tell whose.
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
  /** Node's number of it, negative. */
  readonly errno: number;
  declare readonly syscall?: string;
  declare readonly address?: string;
  declare readonly port?: number;
  declare readonly path?: string;
  declare readonly hostname?: string;

  constructor(message: string, code: string, errno: number, details: SocketErrorDetails = {}) {
    super(message);
    this.code = code;
    this.errno = errno;
    const { path } = details;
    Object.assign(this, details, path === undefined ? undefined : { address: path });
  }
}

/** `accept()` found no connection waiting (`EAGAIN`). */
export class NoConnectionAvailableError extends SocketError {
  override readonly name = 'NoConnectionAvailableError';
}

/** The path is taken by a stale socket file: no process serves it any more (`EADDRINUSE`). */
export class StaleSocketError extends SocketError {
  override readonly name = 'StaleSocketError';
}

/** What a {@link TimeoutError} knows beyond its message. */
export interface TimeoutDetails extends Where {
  /** How many bytes the system had taken, of a write. */
  bytesWritten?: number;
  /** How many bytes had arrived and were not enough. They can still be read. */
  bytesAvailable?: number;
}

/**
 * A time limit passed (`ETIMEDOUT`). The message says what was waited for, from which peer, and what had arrived.
 * Nothing that arrived is lost: the next call gets it.
 */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
  readonly code = 'ETIMEDOUT';
  /** How many bytes the system had taken, of a write that timed out. */
  readonly bytesWritten: number = 0;
  /** How many bytes had arrived, of a read that timed out. They can still be read. */
  readonly bytesAvailable: number = 0;
  declare readonly address?: string;
  declare readonly port?: number;
  declare readonly path?: string;
  declare readonly hostname?: string;

  constructor(message: string, details: TimeoutDetails = {}, options?: ErrorOptions) {
    super(message, options);
    const { path } = details;
    Object.assign(this, details, path === undefined ? undefined : { address: path });
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

/** An Observable or another socket has what the call is for, or bytes would be lost by it (`ERR_SOCKET_BUSY`). */
export class SocketBusyError extends Error {
  override readonly name = 'SocketBusyError';
  readonly code = 'ERR_SOCKET_BUSY';
}

/** System calls whose message names the address and has only the code. */
const NAMING_THE_PEER = new Set(['connect', 'bind', 'getaddrinfo']);
/** System calls whose failure Node reports by the code alone. */
const TERSE = new Set(['read', 'write', 'accept', 'shutdown']);

/** Makes the error of a failed call, as `node:net` would say it. */
export function socketError(failure: Failure, syscall: string, where: Where = {}): SocketError {
  return errorOf(systemError(failure), syscall, where);
}

/** The same for a failure that no call has reported. */
export function errorOfCode(code: string, syscall: string, where: Where = {}): SocketError {
  return errorOf(nodesError(code) ?? { code, errno: 0, text: code }, syscall, where);
}

function errorOf({ code, errno, text }: SystemError, syscall: string, where: Where): SocketError {
  return new SocketError(messageOf(`${syscall} ${code}`, text, where), code, errno, {
    syscall,
    ...where,
  });
}

function messageOf(failed: string, text: string, where: Where): string {
  const [syscall = ''] = failed.split(' ', 1);
  if (TERSE.has(syscall)) return failed;
  return `${failed}${NAMING_THE_PEER.has(syscall) ? '' : `: ${text}`}${placeOf(where)}`;
}

/** What a message is about, after a space: an address with its port, a path, or a name; empty if unknown. */
export function placeOf({ path, address, port, hostname }: Where): string {
  const host = address ?? hostname;
  const place = path ?? (port === undefined ? host : `${host}:${port}`);
  return place === undefined ? '' : ` ${place.replaceAll('\0', '@')}`;
}

/**
 * The error of a connect that failed at each address of a host: that of the only one, or an `AggregateError` with all of
 * them, and with the code of the first.
 */
export function errorOfAll(errors: readonly Error[]): Error {
  const [first] = errors;
  if (first && errors.length === 1) return first;
  const message = errors.map((error) => error.message).join('; ');
  const { code } = first as { code?: unknown };
  return Object.assign(new AggregateError(errors, message), { code });
}

/** Returns the result of a native call, or throws what it failed with. */
export function orThrow(result: number, syscall: string, where?: Where): number {
  if (result < 0) throw socketError(result, syscall, where);
  return result;
}
