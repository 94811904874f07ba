import { checkBytes, invalidValue } from './argument';
import { FutureConnection } from './FutureConnection';
import { HeldMessages } from './HeldMessages';
import {
  type Message,
  NO_OPTIONS,
  type OutgoingMessage,
  type ReceiveOptions,
  receiveManyOn,
  receiveOn,
} from './messages';
import type { Token } from './native';
import {
  checkedMessages,
  type CheckedMessage,
  type Destination,
  sendManyOn,
  sendOn,
} from './outbox';
import { type PeerCredentials, peerCredentialsOf } from './peerCredentials';
import { Claim } from './Socket';

/**
 * A connection on this machine that carries packets: messages that all arrive, in order, each as a whole.
 *
 * @example
 * using client = connectLocalPackets({ path });
 * client.send(Buffer.from('request'));
 * const reply = receiveMessage(client, { timeout: 500 }); // of bipoll/sync
 */
export class LocalPacketSocket extends FutureConnection {
  /** The server's path; empty if unknown. */
  readonly path: string;
  /** Packets that were received and not taken. @internal */
  readonly held = new HeldMessages<null>();
  /** @internal */
  readonly longestMessage = Infinity;

  /** @internal */
  constructor(token: Token, path: string) {
    super(token, 'local packet socket');
    this.path = path;
  }

  /** Who is at the other end, or null where the system does not tell. */
  peerCredentials(): PeerCredentials | null {
    return peerCredentialsOf(this.token);
  }

  /**
   * Receives the next packet.
   *
   * @returns null if there is none now, or none will come any more, which `remoteDisconnected()` tells
   * @throws SocketError `ECONNRESET` and the like; what `connectionError()` gives, if connecting failed
   */
  receive(options: ReceiveOptions = NO_OPTIONS): Message<null> | null {
    this.checkUnclaimed(Claim.Reading);
    return receiveOn(this, options);
  }

  /**
   * Receives the next packets, in one call of the system where that can: 64 at most, fewer if they are large. There may be
   * more.
   *
   * @returns none if there are none now, or none will come any more, which `remoteDisconnected()` tells
   * @throws SocketError as `receive`
   *
   * @example
   * for (const { bytes } of socket.receiveMany()) handle(bytes);
   */
  receiveMany(options: ReceiveOptions = NO_OPTIONS): Message<null>[] {
    this.checkUnclaimed(Claim.Reading);
    return receiveManyOn(this, options);
  }

  /**
   * Sends a packet, as a whole or not at all.
   *
   * @returns false if the system takes none now: wait for `readyToWrite`
   * @throws SocketError `EMSGSIZE`: it is too long; `EPIPE`: the peer is gone
   */
  send(bytes: Uint8Array): boolean {
    this.checkUnclaimed(Claim.Writing);
    return sendOn(this.token, this.checked(bytes, undefined));
  }

  /**
   * Sends packets in order, in one call of the system for each 64 of them where that can.
   *
   * @returns how many are sent, from the first on: fewer than all if the system takes no more now, or the next one fails,
   *   which a call that begins with it throws
   * @throws SocketError as `send`, of the first packet: then none is sent
   *
   * @example
   * const sent = socket.sendMany(lines.map((line) => ({ bytes: Buffer.from(line) })));
   */
  sendMany(messages: readonly OutgoingMessage<null>[]): number {
    this.checkUnclaimed(Claim.Writing);
    const { token } = this;
    const checked = checkedMessages(messages, (to: unknown) => this.#checkedDestination(to));
    return sendManyOn(token, checked);
  }

  /** A packet that can be sent. @internal */
  checked(bytes: Uint8Array, to: unknown): CheckedMessage {
    this.checkOpen();
    return { bytes: checkBytes('bytes', bytes), destination: this.#checkedDestination(to) };
  }

  override detach(): number {
    this.checkOpen();
    this.held.checkNone();
    return super.detach();
  }

  #checkedDestination(to: unknown): Destination {
    if (to !== undefined) {
      throw invalidValue('to', 'must not be given, as the socket is connected', to);
    }
    return { to: null, port: 0, where: () => this.where };
  }

  /** @internal */
  addressOf(): null {
    return null;
  }

  /** @internal */
  get where(): { path?: string } {
    return this.path === '' ? {} : { path: this.path };
  }

  /** @internal */
  protected override description(): Readonly<Record<string, unknown>> {
    return { state: this.state, path: this.path || undefined };
  }
}
