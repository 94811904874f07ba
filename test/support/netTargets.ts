import type { AddressInfo, Server } from 'node:net';
import { freshPath } from './freshPath';

type Target = { host: string; port: number } | { path: string };

/** Where a server can listen, in the words of `node:net`, which are ours as well. */
export const netTargets: readonly { name: string; target: () => Target }[] = [
  { name: 'TCP over IPv4', target: () => ({ host: '127.0.0.1', port: 0 }) },
  { name: 'TCP over IPv6', target: () => ({ host: '::1', port: 0 }) },
  { name: 'a local socket', target: () => ({ path: freshPath() }) },
];

/** Where to connect to, for a server of `node:net` that listens. */
export function targetOf(address: ReturnType<Server['address']>): Target {
  if (typeof address === 'string') return { path: address };
  const { address: host, port } = address as AddressInfo;
  return { host, port };
}
