import { checkBytes } from '../core/argument';
import type { SocketEvent } from '../core/events';
import { LocalPacketSocket } from '../core/LocalPacketSocket';
import type { LocalAddress, LocalDatagramSocket } from '../core/LocalDatagramSocket';
import {
  checkedMessage,
  checkMessageSocket,
  type MessageSocket,
  sendUnclaimed,
} from '../core/messageSockets';
import { Claim } from '../core/Socket';
import { sendAllStaged } from '../core/staged';
import type { UdpAddress, UdpSocket } from '../core/UdpSocket';
import { timedOut } from './failures';
import { type BlockingOptions, sendingOf, type SendingOptions } from './options';
import { sleep } from './sleep';
import { waitFor } from './waitFor';

const OF_DATAGRAMS: readonly SocketEvent[] = ['readyToWrite'];
const OF_PACKETS: readonly SocketEvent[] = [
  'readyToWrite',
  'remoteDisconnected',
  'connectionFailed',
];
const FIRST_REST = 1;
const LONGEST_REST = 16;
const MISSING = 'the system did not take the message';

/**
 * Sends a message, waiting until the system takes it.
 *
 * @param bytes bytes, or text, which is sent as UTF-8
 * @throws TimeoutError it was not taken in time, and nothing of it is sent
 * @throws SocketError `EMSGSIZE`: it is too long; `ECONNREFUSED`, `ENOENT`: nobody is there; `EPIPE`
 *
 * @example
 * sendMessage(socket, 'hello', { timeout: 500, to: { host: '127.0.0.1', port: 5000 } });
 */
export function sendMessage(
  socket: UdpSocket,
  bytes: Uint8Array | string,
  options: SendingOptions<UdpAddress>,
): void;
export function sendMessage(
  socket: LocalDatagramSocket,
  bytes: Uint8Array | string,
  options: SendingOptions<LocalAddress>,
): void;
export function sendMessage(
  socket: LocalPacketSocket,
  bytes: Uint8Array | string,
  options: BlockingOptions,
): void;
export function sendMessage(
  socket: MessageSocket,
  bytes: Uint8Array | string,
  options: SendingOptions<UdpAddress> | SendingOptions<LocalAddress>,
): void {
  checkMessageSocket('socket', socket);
  const buffer = checkBytes('bytes', typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  const { deadline, to } = sendingOf<unknown>(options);
  const awaited = socket instanceof LocalPacketSocket ? OF_PACKETS : OF_DATAGRAMS;
  sendAllStaged();
  let rest = 0;
  socket.checkUnclaimed(Claim.Writing);
  const message = [checkedMessage(socket, buffer, to)];
  while (sendUnclaimed(socket, message) === 0) {
    if (rest > 0) {
      // The socket is ready and yet takes no message: the receiver has no room, which the system does not report.
      const { left, interruptible } = deadline;
      if (left === 0) throw timedOut('sendMessage', deadline, socket.where, MISSING);
      sleep(Math.min(rest, left), { interruptible });
    }
    waitFor(socket, awaited, 'sendMessage', deadline, MISSING);
    rest = Math.min(LONGEST_REST, rest === 0 ? FIRST_REST : 2 * rest);
  }
}
