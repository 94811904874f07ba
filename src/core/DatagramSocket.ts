import { checkBytes, invalidValue } from './argument';
import type { Where } from './errors';
import { bitOf, DATAGRAM_EVENTS } from './events';
import { HeldMessages } from './HeldMessages';
import type { Sender } from './inbox';
import {
  type Message,
  NO_OPTIONS,
  type OutgoingMessage,
  type ReceiveOptions,
  receiveManyOn,
  receiveOn,
} from './messages';
import {
  checkedMessages,
  type CheckedMessage,
  type Destination,
  sendManyOn,
  sendOn,
} from './outbox';
import { Claim, Socket } from './Socket';

const DATA_AVAILABLE = bitOf('dataAvailable');
const READY_TO_WRITE = bitOf('readyToWrite');

/**
 * A socket that sends each message to the address given with it, or to the one it is connected to. Delivery and order
 * are not guaranteed. Every method returns at once.
 */
export abstract class DatagramSocket<Address> extends Socket {
  override readonly possibleEvents = DATAGRAM_EVENTS;

  /** Messages that were received and not taken. @internal */
  readonly held = new HeldMessages<Address>();
  /** @internal */
  readonly longestMessage: number = Infinity;
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
   * Receives the next messages, in one call of the system where that can: 64 at most, fewer if they are large. There may
   * be more.
   *
   * @returns none if there are none now
   * @throws SocketError as `receive`
   *
   * @example
   * const messages = socket.receiveMany();
   * socket.sendMany(messages.map(({ bytes, from }) => ({ bytes, to: from })));
   */
  receiveMany(options: ReceiveOptions = NO_OPTIONS): Message<Address>[] {
    this.checkUnclaimed(Claim.Reading);
    return receiveManyOn(this, options);
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
    return sendOn(this.token, this.checked(bytes, to));
  }

  /**
   * Sends messages in order, in one call of the system for each 64 of them where that can.
   *
   * @returns how many are sent, from the first on: fewer than all if the system takes no more now, or the next one fails,
   *   which a call that begins with it throws
   * @throws SocketError as `send`, of the first message: then none is sent
   *
   * @example
   * for (let rest = messages; rest.length > 0; rest = rest.slice(socket.sendMany(rest))) {
   *   poll(socket, 'readyToWrite', 1000); // of bipoll/sync
   * }
   */
  sendMany(messages: readonly OutgoingMessage<Address>[]): number {
    this.checkUnclaimed(Claim.Writing);
    const { token } = this;
    const checked = checkedMessages(messages, (to) => this.#checkedDestination(to));
    return sendManyOn(token, checked);
  }

  /** A message that can be sent. @internal */
  checked(bytes: Uint8Array, to: NonNullable<Address> | undefined): CheckedMessage {
    this.checkOpen();
    return { bytes: checkBytes('bytes', bytes), destination: this.#checkedDestination(to) };
  }

  override detach(): number {
    this.checkOpen();
    this.held.checkNone();
    return super.detach();
  }

  #checkedDestination(to: NonNullable<Address> | undefined): Destination {
    if (to === undefined) {
      if (this.isConnected === false) {
        throw invalidValue('to', 'must be given, as the socket is connected to nobody', to);
      }
      return { to: null, port: 0, where: () => this.where };
    }
    if (this.isConnected) {
      throw invalidValue('to', 'must not be given, as the socket is connected', to);
    }
    return this.destinationOf(to);
  }
}
