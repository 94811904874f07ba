import { checkAnyInstance } from './argument';
import { DatagramSocket } from './DatagramSocket';
import type { LocalDatagramSocket } from './LocalDatagramSocket';
import { LocalPacketSocket } from './LocalPacketSocket';
import { type Message, type ReceiveOptions, receiveOn } from './messages';
import type { UdpSocket } from './UdpSocket';

/** A socket that carries messages. */
export type MessageSocket = UdpSocket | LocalDatagramSocket | LocalPacketSocket;

/** The next message, without checking who uses the socket; null if there is none now, or there will be no more. */
export function receiveUnclaimed(socket: MessageSocket, options: ReceiveOptions): Message | null {
  return receiveOn(socket as DatagramSocket<unknown>, options);
}

/** Hands a message to the system, for `to` if given. @returns whether the system has taken it */
export function sendUnclaimed(socket: MessageSocket, bytes: Uint8Array, to: unknown): boolean {
  // Each kind checks the address by itself.
  return (socket as DatagramSocket<unknown>).sendUnclaimed(bytes, to as object | undefined);
}

export function checkMessageSocket(name: string, value: unknown): MessageSocket {
  const classes = [DatagramSocket, LocalPacketSocket];
  return checkAnyInstance(name, 'a socket that carries messages', classes, value) as MessageSocket;
}
