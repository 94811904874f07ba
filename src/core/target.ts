import type { ConnectTcpOptions } from './tcp';

/** Where to connect to: as for `connectTcp`, but `host` may be a name and defaults to `localhost`. */
export interface TcpTarget extends Omit<ConnectTcpOptions, 'host'> {
  host?: string;
  /** Only addresses of IPv4 or of IPv6; both by default. */
  family?: 0 | 4 | 6;
}

/** Where to connect to: the path of a local server. */
export interface LocalTarget {
  path: string;
}
