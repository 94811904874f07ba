import { orThrow } from './errors';
import { addressText } from './inspection';
import { native, type NativeAddress, type Token } from './native';
import { StreamServer } from './StreamServer';
import { TcpStream } from './TcpStream';
import { type CheckedTcpStreamOptions, TCP_STREAM_DEFAULTS } from './tcpStreamOptions';

/** A TCP server over IPv4 or IPv6. */
export class TcpServer extends StreamServer {
  /** The numeric address it listens on; `''`: it was adopted, and the system does not tell. */
  readonly host: string;
  /** The port it listens on, the real one after port 0; 0: it was adopted, and the system does not tell. */
  readonly port: number;

  #streamOptions: CheckedTcpStreamOptions;

  /** @internal */
  constructor(token: Token, address: NativeAddress | null, streamOptions = TCP_STREAM_DEFAULTS) {
    super(token, 'TCP server');
    this.#streamOptions = streamOptions;
    this.host = address?.host ?? '';
    this.port = address?.port ?? 0;
  }

  /** The TCP options of accepted streams. @internal */
  get streamOptions(): CheckedTcpStreamOptions {
    return this.#streamOptions;
  }

  /** Also set on the server itself, or the window of its connections could not grow with their buffers. @internal */
  setStreamOptions(options: CheckedTcpStreamOptions): void {
    orThrow(native.setTcpOptions(this.token, ...options), 'setsockopt', this.where);
    this.#streamOptions = options;
  }

  override accept(): TcpStream {
    const token = this.acceptToken();
    // The server took the same options, so they fail only if the peer has left by now. The stream itself reports that.
    native.setTcpOptions(token, ...this.#streamOptions);
    return this.streamOf(token);
  }

  /** @internal */
  override streamOf(token: Token): TcpStream {
    return new TcpStream(token);
  }

  /** @internal */
  get where(): { address: string; port: number } {
    return { address: this.host, port: this.port };
  }

  /** @internal */
  protected override description(): Readonly<Record<string, unknown>> {
    return { state: this.state, address: addressText(this) };
  }
}
