import { native, type NativeAddress, type Token } from './native';
import { StreamSocket } from './StreamSocket';

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
    return this.#local()?.host;
  }

  /** The port of this end; undefined once closed. */
  get localPort(): number | undefined {
    return this.#local()?.port;
  }

  /** The numeric address of the other end, also after it has left. */
  get remoteAddress(): string | undefined {
    return this.#remote?.host;
  }

  /** The port of the other end, also after it has left. */
  get remotePort(): number | undefined {
    return this.#remote?.port;
  }

  #local(): NativeAddress | null {
    return this.closed ? null : native.localAddress(this.token);
  }

  /** @internal */
  get where(): { address?: string; port?: number } {
    return this.#remote ? { address: this.#remote.host, port: this.#remote.port } : {};
  }
}
