import { checkAnyInstance } from './argument';
import { DatagramSocket } from './DatagramSocket';
import type { LocalDatagramSocket } from './LocalDatagramSocket';
import { LocalPacketSocket } from './LocalPacketSocket';
import { type Message, type ReceiveOptions, receiveManyOn } from './messages';
import { type CheckedMessage, sendManyOn } from './outbox';
import type { UdpSocket } from './UdpSocket';

/** A socket that carries messages. */
export type MessageSocket = UdpSocket | LocalDatagramSocket | LocalPacketSocket;

/** The next messages, without checking who uses the socket; none if there are none now, or there will be no more. */
export function receiveUnclaimed(socket: MessageSocket, options: ReceiveOptions): Message[] {
  return receiveManyOn(socket as DatagramSocket<unknown>, options);
}

/** Gives back messages that were received: they are the next to be received. */
export function putBack(socket: MessageSocket, messages: readonly Message[]): void {
  if (!socket.closed) (socket as DatagramSocket<unknown>).held.putBack(messages, socket.token);
}

/** A message that the socket can send, for `to` if given. */
export function checkedMessage(
  socket: MessageSocket,
  bytes: Uint8Array,
  to: unknown,
): CheckedMessage {
  // Each kind checks the address by itself.
  return (socket as DatagramSocket<unknown>).checked(bytes, to as object | undefined);
}

/** Hands messages to the system, whoever uses the socket. @returns how many it has taken, from the first on */
export function sendUnclaimed(socket: MessageSocket, messages: readonly CheckedMessage[]): number {
  return sendManyOn(socket.token, messages);
}

export function checkMessageSocket(name: string, value: unknown): MessageSocket {
  const classes = [DatagramSocket, LocalPacketSocket];
  return checkAnyInstance(name, 'a socket that carries messages', classes, value) as MessageSocket;
}
