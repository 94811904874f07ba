import { LocalPacketSocket } from './LocalPacketSocket';
import type { Token } from './native';
import { Server } from './Server';

/** A server of local connections that carry packets. */
export class LocalPacketServer extends Server {
  /** The path of its socket file, or its abstract name, which begins with NUL. */
  readonly path: string;

  /** @internal */
  constructor(token: Token, path: string) {
    super(token, 'local packet server');
    this.path = path;
  }

  override accept(): LocalPacketSocket {
    return new LocalPacketSocket(this.acceptToken(), this.path);
  }

  /** The same, whoever has the server. @internal */
  acceptUnclaimed(): LocalPacketSocket {
    return new LocalPacketSocket(this.nextToken(), this.path);
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
