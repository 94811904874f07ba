import type { ByteStream } from '../core/ByteStream';
import { Descriptor } from '../core/Descriptor';
import type { TimeoutError } from '../core/errors';
import { END, native } from '../core/native';
import { sendAllStaged } from '../core/staged';
import { failed, timedOut } from './failures';
import type { Deadline } from './Deadline';

/** The most bytes of one read. Shared: between filling and emptying it only the calls below run. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * How many bytes a verb may read after its deadline. What is there by then must be found, so this is more than systems
 * buffer for a stream; a peer that sends without a pause must not keep the verb for ever.
 */
const MAX_LATE_BYTES = 16 * 1024 * 1024;

/**
 * Waits for new bytes and adds them to the unread ones.
 *
 * @param missing what is still missing at the deadline, for the error
 * @returns false at the end of the stream
 */
export function receive(
  socket: ByteStream,
  verb: string,
  deadline: Deadline,
  missing: string,
): boolean {
  if (deadline.lateBytes >= MAX_LATE_BYTES) throw tooLate(socket, verb, deadline, missing);
  const { left } = deadline;
  const got = receiveInto(socket, scratch.length, verb, deadline, left, missing);
  if (got === END) return false;
  socket.unread.append(scratch.subarray(0, got));
  if (left === 0) deadline.lateBytes += got;
  return true;
}

/**
 * Waits for new bytes, once. Some descriptors give what they have as a whole or not at all, such as a datagram socket, an
 * inotify or an eventfd: so of any of them all is read, and what is more than `maxBytes` stays unread.
 *
 * @returns at most `maxBytes`, in memory of their own; null at the end
 */
export function receiveOnce(
  socket: ByteStream,
  maxBytes: number,
  verb: string,
  deadline: Deadline,
): Buffer | null {
  const room = socket instanceof Descriptor ? scratch.length : maxBytes;
  const got = receiveInto(socket, room, verb, deadline, deadline.timeout, 'nothing came');
  if (got === END) return null;
  const bytes = Buffer.from(scratch.subarray(0, Math.min(got, maxBytes)));
  if (got > maxBytes) {
    socket.unread.append(scratch.subarray(maxBytes, got));
    socket.unreadChanged();
  }
  return bytes;
}

/** Fills the front of `scratch`. @returns how many bytes, or END */
function receiveInto(
  socket: ByteStream,
  maxBytes: number,
  verb: string,
  deadline: Deadline,
  timeout: number,
  missing: string,
): number {
  const room = Math.min(maxBytes, scratch.length);
  sendAllStaged();
  const got = native.readWait(socket.token, scratch, 0, room, timeout, deadline.interruptible);
  if (got > 0) return got;
  if (got === END) {
    const { endError } = socket;
    if (endError) throw endError;
    return END;
  }
  if (got < 0) throw socket.causeOf(failed(got, verb, 'read', socket.where));
  throw tooLate(socket, verb, deadline, missing);
}

function tooLate(
  socket: ByteStream,
  verb: string,
  deadline: Deadline,
  missing: string,
): TimeoutError {
  const details = { ...socket.where, bytesAvailable: socket.unread.length };
  return timedOut(verb, deadline, details, missing);
}

/** Takes bytes off the front of the unread ones, in memory of their own. */
export function takeUnread(socket: ByteStream, length: number): Buffer {
  const { unread } = socket;
  const bytes = Buffer.from(unread.view().subarray(0, length));
  unread.consume(length);
  return bytes;
}
