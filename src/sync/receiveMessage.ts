import { bitOf, type SocketEvent } from '../core/events';
import type { LocalAddress, LocalDatagramSocket } from '../core/LocalDatagramSocket';
import { LocalPacketSocket } from '../core/LocalPacketSocket';
import type { Message } from '../core/messages';
import { checkMessageSocket, type MessageSocket } from '../core/messageSockets';
import type { UdpAddress, UdpSocket } from '../core/UdpSocket';
import { timedOut } from './failures';
import { receivingOf, type ReceivingOptions } from './options';
import { waitFor } from './waitFor';

const OF_DATAGRAMS: readonly SocketEvent[] = ['dataAvailable'];
const OF_PACKETS: readonly SocketEvent[] = [
  'dataAvailable',
  'remoteDisconnected',
  'connectionFailed',
];
const REMOTE_DISCONNECTED = bitOf('remoteDisconnected');
const MISSING = 'no message came';

/**
 * Receives a message, waiting for it if need be.
 *
 * @returns of packets null once none will come any more; other sockets have no end
 * @throws TimeoutError none came in time
 * @throws SocketError `ECONNREFUSED` and the like: a message that was sent before did not arrive
 *
 * @example
 * using socket = connectUdp({ host: '127.0.0.1', port: 53 });
 * sendMessage(socket, query, { timeout: 500 });
 * const { bytes } = receiveMessage(socket, { timeout: 500 });
 */
export function receiveMessage(socket: UdpSocket, options: ReceivingOptions): Message<UdpAddress>;
export function receiveMessage(
  socket: LocalDatagramSocket,
  options: ReceivingOptions,
): Message<LocalAddress | null>;
export function receiveMessage(
  socket: LocalPacketSocket,
  options: ReceivingOptions,
): Message<null> | null;
export function receiveMessage(socket: MessageSocket, options: ReceivingOptions): Message | null {
  checkMessageSocket('socket', socket);
  const { deadline, receiving } = receivingOf(options);
  const awaited = socket instanceof LocalPacketSocket ? OF_PACKETS : OF_DATAGRAMS;
  for (let held = 0; ;) {
    const message = socket.receive(receiving);
    if (message) return message;
    if (held & REMOTE_DISCONNECTED) return null;
    // A socket can be reported ready although another process that shares it has taken the message.
    if (held !== 0 && deadline.left === 0) {
      throw timedOut('receiveMessage', deadline, socket.where, MISSING);
    }
    held = waitFor(socket, awaited, 'receiveMessage', deadline, MISSING);
  }
}
