import { invalidValue } from './argument';
import type { Where } from './errors';
import { bitOf, DATAGRAM_EVENTS } from './events';
import {
  type Message,
  NO_OPTIONS,
  type ReceiveOptions,
  receiveOn,
  type Sender,
  sendOn,
} from './messages';
import { Claim, Socket } from './Socket';

const DATA_AVAILABLE = bitOf('dataAvailable');
const READY_TO_WRITE = bitOf('readyToWrite');

/** An address as the engine takes it. */
export interface Destination {
  readonly to: string | Uint8Array;
  readonly port: number;
  /** For errors. */
  readonly where: Where;
}

/**
 * A socket that sends each message to the address given with it, or to the one it is connected to. Delivery and order
 * are not guaranteed. Every method returns at once.
 */
export abstract class DatagramSocket<Address> extends Socket {
  override readonly possibleEvents = DATAGRAM_EVENTS;

  /** Where it is, or leads to, for errors. @internal */
  abstract readonly where: Where;
  /** Whether it is connected; null: that is not known. @internal */
  protected abstract readonly isConnected: boolean | null;
  /** @internal */
  abstract addressOf(sender: Sender): Address;
  /** Checks an address. @internal */
  protected abstract destinationOf(to: NonNullable<Address>): Destination;

  /**
   * Whether `receive` would return or throw something now: a message, or the error of one that was sent before.
   */
  dataAvailable(): boolean {
    return this.holds(DATA_AVAILABLE);
  }

  /**
   * Whether the system would take a message now, or `send` would throw. For an unconnected local socket it is not known
   * whether the receiver of a message has room for it.
   */
  readyToWrite(): boolean {
    return this.holds(READY_TO_WRITE);
  }

  /**
   * Receives the next message.
   *
   * @returns null if there is none now
   * @throws SocketError `ECONNREFUSED` and the like: a message that was sent before did not arrive. The socket stays
   * usable
   *
   * @example
   * for (let message; (message = socket.receive()); ) socket.send(message.bytes, message.from);
   */
  receive(options: ReceiveOptions = NO_OPTIONS): Message<Address> | null {
    this.checkUnclaimed(Claim.Reading);
    return receiveOn(this, options);
  }

  /**
   * Sends a message, as a whole or not at all.
   *
   * @param to the receiver; must not be given if the socket is connected
   * @returns false if the system takes none now: wait for `readyToWrite`
   * @throws SocketError `EMSGSIZE`: it is too long; `ECONNREFUSED`, `ENOENT`: nobody is there; `EACCES`: see `setBroadcast`
   */
  send(bytes: Uint8Array, to?: NonNullable<Address>): boolean {
    this.checkUnclaimed(Claim.Writing);
    return this.sendUnclaimed(bytes, to);
  }

  /** The same, whoever has the socket. @internal */
  sendUnclaimed(bytes: Uint8Array, to: NonNullable<Address> | undefined): boolean {
    const { token } = this;
    if (to === undefined) {
      if (this.isConnected === false) {
        throw invalidValue('to', 'must be given, as the socket is connected to nobody', to);
      }
      return sendOn(token, bytes, null, 0, this.where);
    }
    if (this.isConnected) {
      throw invalidValue('to', 'must not be given, as the socket is connected', to);
    }
    const destination = this.destinationOf(to);
    return sendOn(token, bytes, destination.to, destination.port, destination.where);
  }
}
