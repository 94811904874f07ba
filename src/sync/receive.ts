import { invalidType } from '../core/argument';
import { END, native } from '../core/native';
import { StreamSocket } from '../core/StreamSocket';
import { failed, timedOut } from './failures';
import type { Deadline } from './options';

/** As much as is read at once. Shared: nothing but the calls below happens between filling and emptying it. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);

export function checkStream(socket: unknown): StreamSocket {
  if (!(socket instanceof StreamSocket)) throw invalidType('socket', 'a StreamSocket', socket);
  return socket;
}

/** Waits for new bytes and adds them to the unread ones. @returns false at the end of the stream */
export function receive(socket: StreamSocket, verb: string, deadline: Deadline): boolean {
  const chunk = receiveChunk(socket, scratch.length, verb, deadline);
  if (chunk === null) return false;
  socket.unread.append(chunk);
  return true;
}

/**
 * Waits for new bytes.
 *
 * @returns a view of shared memory, to be used up before anything else is received; null at the end
 */
export function receiveChunk(
  socket: StreamSocket,
  maxBytes: number,
  verb: string,
  deadline: Deadline,
): Buffer | null {
  const got = native.readWait(
    socket.token,
    scratch,
    0,
    Math.min(maxBytes, scratch.length),
    deadline.left,
    deadline.interruptible,
  );
  if (got > 0) return scratch.subarray(0, got);
  if (got === END) return null;
  throw got === 0 ? timedOut(verb, deadline) : failed(got, verb, 'read');
}

/** Takes bytes off the front of the unread ones, in memory of their own. */
export function takeUnread(socket: StreamSocket, length: number): Buffer {
  const { unread } = socket;
  const bytes = Buffer.from(unread.view().subarray(0, length));
  unread.consume(length);
  return bytes;
}
