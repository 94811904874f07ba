import { optionsOf } from './argument';
import { DatagramSocket } from './DatagramSocket';
import type { Sender } from './inbox';
import { pathBytes } from './localPath';
import type { Token } from './native';
import type { Destination } from './outbox';

/** The address of a local datagram socket. */
export interface LocalAddress {
  /** Its path, or its abstract name, which begins with NUL. */
  readonly path: string;
}

/** A socket for datagrams on this machine. Senders wait while the receiver has no room: none is lost. */
export class LocalDatagramSocket extends DatagramSocket<LocalAddress | null> {
  /** The path that it is bound to and can be reached at; empty if there is none, or it is unknown. */
  readonly path: string;
  /** The path that it is connected to; empty if it is not connected, or the path is unknown. */
  readonly remotePath: string;
  /** @internal */
  protected readonly isConnected: boolean | null;

  /** @internal */
  constructor(token: Token, path: string, remotePath: string, isConnected: boolean | null) {
    super(token, 'local datagram socket');
    this.path = path;
    this.remotePath = remotePath;
    this.isConnected = isConnected;
  }

  /** @internal */
  get where(): { path?: string } {
    const path = this.remotePath || this.path;
    return path === '' ? {} : { path };
  }

  /** @internal */
  addressOf([path]: Sender): LocalAddress | null {
    return path === null ? null : { path };
  }

  /** @internal */
  protected destinationOf(to: LocalAddress): Destination {
    const { path } = optionsOf('to', to, { path: true });
    return { to: pathBytes('to.path', path), port: 0, where: () => ({ path }) };
  }

  /** @internal */
  protected override description(): Readonly<Record<string, unknown>> {
    return {
      state: this.closed ? 'closed' : this.isConnected ? 'connected' : 'open',
      path: this.path || undefined,
      remotePath: this.remotePath || undefined,
    };
  }
}
