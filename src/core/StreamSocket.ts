import {
  checkArray,
  checkBoolean,
  checkBytes,
  checkInteger,
  type OptionNames,
  optionsOf,
  outOfRange,
} from './argument';
import { socketError } from './errors';
import { FutureConnection } from './FutureConnection';
import { END, native } from './native';
import { Claim } from './Socket';

/** The part of a buffer to read into. */
export interface ReadOptions {
  /** First index; 0 by default. */
  start?: number;
  /** Index behind the last; the buffer's length by default. */
  end?: number;
  /** Leaves the bytes in place, to be read again. */
  peek?: boolean;
}

/** The part of a buffer to write. */
export interface WriteOptions {
  /** First index; 0 by default. */
  start?: number;
  /** Index behind the last; the buffer's length by default. */
  end?: number;
}

const WRITE_OPTIONS: OptionNames<WriteOptions> = { start: true, end: true };
const READ_OPTIONS: OptionNames<ReadOptions> = { ...WRITE_OPTIONS, peek: true };
/** The options of most calls: shared, so that they need no validation. */
const NO_OPTIONS: ReadOptions = Object.freeze({});

function checkRange(
  buffer: Uint8Array,
  { start = 0, end = buffer.length }: WriteOptions,
): [start: number, end: number] {
  checkInteger('start', start, 0, buffer.length);
  checkInteger('end', end, 0, buffer.length);
  if (end < start) throw outOfRange('end', `>= start, which is ${start}`, end);
  return [start, end];
}

/**
 * A connection that carries a stream of bytes each way, or one that is still being made. Every method returns at once.
 *
 * @example
 * using client = connectTcp({ host: LOOPBACK_IPV4, port });
 * poll(client, 'determined', 1000); // of bipoll/sync
 * if (client.connectionFailed()) throw client.connectionError();
 * client.write(Buffer.from('hello'));
 */
export abstract class StreamSocket extends FutureConnection {
  /**
   * Reads what is there, without waiting.
   *
   * @returns the number of bytes read, fewer than asked for if fewer are there; `0` if there are none
   *   now; `null` if the peer has ended and all is read
   * @throws SocketError `ECONNRESET` and the like; what `connectionError()` gives, if connecting failed
   */
  read(buffer: Uint8Array, options: ReadOptions = NO_OPTIONS): number | null {
    checkBytes('buffer', buffer);
    const own = options === NO_OPTIONS ? options : optionsOf('options', options, READ_OPTIONS);
    const [start, end] = checkRange(buffer, own);
    const peek = checkBoolean('peek', own.peek ?? false);
    const token = this.token;
    this.checkUnclaimed(Claim.Reading);
    if (this.unreadBytes !== undefined) return this.readUnread(buffer, start, end, peek);
    return this.#checkRead(native.read(token, buffer, start, end, peek));
  }

  /**
   * Writes what the system takes, without waiting.
   *
   * @returns the number of bytes taken, `0` if it takes none now
   * @throws SocketError `EPIPE`, `ECONNRESET` and the like
   */
  write(buffer: Uint8Array, options: WriteOptions = NO_OPTIONS): number {
    checkBytes('buffer', buffer);
    const own = options === NO_OPTIONS ? options : optionsOf('options', options, WRITE_OPTIONS);
    const [start, end] = checkRange(buffer, own);
    this.checkUnclaimed(Claim.Writing);
    const taken = native.write(this.token, buffer, start, end);
    return this.#checkWrite(taken);
  }

  /** Writes several buffers with one system call. @returns the number of bytes taken of all of them */
  writev(buffers: readonly Uint8Array[]): number {
    const pieces = checkArray('buffers', 'an array', buffers).map((buffer, index) =>
      checkBytes(`buffers[${index}]`, buffer),
    );
    this.checkUnclaimed(Claim.Writing);
    const taken = native.writev(this.token, pieces);
    return this.#checkWrite(taken);
  }

  #checkRead(got: number): number | null {
    if (got >= 0) return got;
    const error = got === END ? this.endError : this.causeOf(socketError(got, 'read', this.where));
    if (error) throw error;
    return null;
  }

  #checkWrite(taken: number): number {
    if (taken >= 0) return taken;
    throw this.causeOf(socketError(taken, 'write', this.where));
  }

  /**
   * Closes it by a reset: the peer's reads and writes fail with `ECONNRESET`, and what is unread or unsent is lost. Only
   * TCP has such a thing; other streams are just closed.
   *
   * @example
   * if (isAbusive(client)) client.reset(); // the system keeps nothing of it
   */
  reset(): void {
    if (this.closed) return;
    this.resetOnClose();
    this.close();
  }

  /** Makes `close()` a reset, where the system has one. @internal */
  resetOnClose(): void {
    // Only TCP streams have a reset.
  }
}
