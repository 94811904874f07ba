import { checkAnyInstance } from './argument';
import { DatagramSocket } from './DatagramSocket';
import type { LocalDatagramSocket } from './LocalDatagramSocket';
import { LocalPacketSocket } from './LocalPacketSocket';
import { type Message, type ReceiveOptions, receiveOn } from './messages';
import type { UdpSocket } from './UdpSocket';

/** A socket that carries messages. */
export type MessageSocket = UdpSocket | LocalDatagramSocket | LocalPacketSocket;

/** The next message, whoever has the socket; null if there is none now, or none will come any more. */
export function receiveUnclaimed(socket: MessageSocket, options: ReceiveOptions): Message | null {
  return receiveOn(socket as DatagramSocket<unknown>, options);
}

/** Hands a message to the system, for `to` if that is given. @returns whether it has taken it */
export function sendUnclaimed(socket: MessageSocket, bytes: Uint8Array, to: unknown): boolean {
  // Each kind checks the address by itself.
  return (socket as DatagramSocket<unknown>).sendUnclaimed(bytes, to as object | undefined);
}

export function checkMessageSocket(name: string, value: unknown): MessageSocket {
  const classes = [DatagramSocket, LocalPacketSocket];
  return checkAnyInstance(name, 'a socket that carries messages', classes, value) as MessageSocket;
}
