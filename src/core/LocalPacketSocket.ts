import { invalidValue } from './argument';
import { FutureConnection } from './FutureConnection';
import { type Message, NO_OPTIONS, type ReceiveOptions, receiveOn, sendOn } from './messages';
import type { Token } from './native';
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
   * Sends a packet, as a whole or not at all.
   *
   * @returns false if the system takes none now: wait for `readyToWrite`
   * @throws SocketError `EMSGSIZE`: it is too long; `EPIPE`: the peer is gone
   */
  send(bytes: Uint8Array): boolean {
    this.checkUnclaimed(Claim.Writing);
    return this.sendUnclaimed(bytes);
  }

  /** The same, whoever has the socket. @internal */
  sendUnclaimed(bytes: Uint8Array, to?: unknown): boolean {
    if (to !== undefined) {
      throw invalidValue('to', 'must not be given, as the socket is connected', to);
    }
    return sendOn(this.token, bytes, null, 0, this.where);
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
