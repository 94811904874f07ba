import { optionsOf } from './argument';
import { orThrow } from './errors';
import { addressText } from './inspection';
import { localAddressOf } from './localAddress';
import { native, type NativeAddress, type Token } from './native';
import { StreamSocket } from './StreamSocket';
import { type TcpInformation, tcpInformationOf } from './tcpInformation';
import {
  checkTcpStreamOptions,
  NO_TCP_STREAM_OPTIONS,
  TCP_STREAM_OPTIONS,
  type TcpStreamOptions,
} from './tcpStreamOptions';

/** A TCP connection over IPv4 or IPv6. */
export class TcpStream extends StreamSocket {
  readonly #remote: NativeAddress | null;

  /** @internal */
  constructor(token: Token) {
    super(token, 'TCP stream');
    this.#remote = native.remoteAddress(token);
  }

  /** The numeric address of this end; undefined once closed. */
  get localAddress(): string | undefined {
    return this.local()?.host;
  }

  /** The port of this end; undefined once closed. */
  get localPort(): number | undefined {
    return this.local()?.port;
  }

  /** The numeric address of the other end, also after it has left. */
  get remoteAddress(): string | undefined {
    return this.remote()?.host;
  }

  /** The port of the other end, also after it has left. */
  get remotePort(): number | undefined {
    return this.remote()?.port;
  }

  /**
   * Changes those options that are given, such as those of a stream that was adopted. A `receiveBufferSize` set while
   * connected does not enlarge the window that was agreed on.
   *
   * @throws SocketError `ENOPROTOOPT`: this system lacks the option; `EPERM`; `ENODEV`: no such `interface`
   *
   * @example
   * const stream = adopt(3, 'tcp');
   * stream.setOptions({ noDelay: true, keepAlive: 30_000 });
   */
  setOptions(options: TcpStreamOptions): void {
    const own = optionsOf('options', options, TCP_STREAM_OPTIONS);
    const checked = checkTcpStreamOptions(own, NO_TCP_STREAM_OPTIONS);
    orThrow(native.setTcpOptions(this.token, ...checked), 'setsockopt', this.where);
  }

  /**
   * What the system knows of this connection now: its times, its losses, and what is still on the way.
   *
   * @example
   * const { roundTripTime, retransmissions } = stream.information();
   * if (roundTripTime !== null) console.log(`${roundTripTime} ms, ${retransmissions} segments sent again`);
   */
  information(): TcpInformation {
    return tcpInformationOf(this.token, this.where);
  }

  /** @internal */
  override resetOnClose(): void {
    orThrow(native.resetOnClose(this.token), 'setsockopt', this.where);
  }

  /** @internal */
  get where(): { address?: string; port?: number } {
    const remote = this.remote();
    return remote ? { address: remote.host, port: remote.port } : {};
  }

  /** @internal */
  protected override description(): Readonly<Record<string, unknown>> {
    return {
      state: this.state,
      local: addressText(this.local()),
      remote: addressText(this.remote()),
      unreadBytes: this.unreadBytes,
    };
  }

  private local(): NativeAddress | null {
    return this.closed ? null : localAddressOf(this.token);
  }

  private remote(): NativeAddress | null {
    this.checkReceiver();
    return this.#remote;
  }
}
