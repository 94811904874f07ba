import { LocalStream } from './LocalStream';
import type { Token } from './native';
import { StreamServer } from './StreamServer';

/** A server of local streams: Unix sockets, or named pipes of Windows. */
export class LocalServer extends StreamServer {
  /** The path of its socket file, or its abstract name, which begins with NUL. */
  readonly path: string;

  /** @internal */
  constructor(token: Token, path: string) {
    super(token, 'local server');
    this.path = path;
  }

  override accept(): LocalStream {
    return this.streamOf(this.acceptToken());
  }

  /** @internal */
  override streamOf(token: Token): LocalStream {
    return new LocalStream(token, this.path);
  }

  /** @internal */
  get where(): { path: string } {
    return { path: this.path };
  }

  /** @internal */
  protected override description(): Readonly<Record<string, unknown>> {
    return { state: this.state, path: this.path || undefined };
  }
}
