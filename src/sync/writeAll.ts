import { checkBytes } from '../core/argument';
import { native } from '../core/native';
import { Claim } from '../core/Socket';
import { type ByteStream, checkByteStream } from '../core/ByteStream';
import { sendAllStaged } from '../core/staged';
import { failed, timedOut } from './failures';
import { deadlineOf, type BlockingOptions } from './options';

/**
 * Writes all of the bytes, waiting for room. A peer that takes them slowly does not put off the deadline; with `timeout: 0`
 * it writes for as long as the system has room.
 *
 * @param bytes bytes, or text, which is sent as UTF-8
 * @throws TimeoutError the peer did not take them all in time; `bytesWritten` says how many the system took
 *
 * @example
 * writeAll(socket, 'PING\r\n', { timeout: 500 });
 */
export function writeAll(
  socket: ByteStream,
  bytes: Uint8Array | string,
  options: BlockingOptions,
): void {
  checkByteStream('socket', socket, Claim.Writing);
  const buffer = checkBytes('bytes', typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  const deadline = deadlineOf(options);
  const { token } = socket;
  sendAllStaged();
  // Usually there is room, and nothing to wait for.
  let written = countTaken(socket, native.write(token, buffer, 0, buffer.length), 0);
  for (let isFirst = true; written < buffer.length; isFirst = false) {
    const { left, timeout, interruptible } = deadline;
    // A terminal may take a byte a call: `timeout: 0` ends when there is no room, any other at its deadline.
    const isOver = left === 0 && timeout > 0 && !isFirst;
    const taken = isOver
      ? 0
      : native.writeWait(token, buffer, written, buffer.length, left, interruptible);
    if (taken === 0) {
      const details = { ...socket.where, bytesWritten: written };
      throw timedOut('writeAll', deadline, details, 'the peer did not take all');
    }
    written += countTaken(socket, taken, written);
  }
}

/** The system says once why it takes no more: the first failure is the cause. */
function countTaken(socket: ByteStream, taken: number, written: number): number {
  if (taken >= 0) return taken;
  const error = socket.causeOf(failed(taken, 'writeAll', 'write', socket.where));
  throw Object.assign(error, { bytesWritten: written });
}
