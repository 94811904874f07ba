import { inspect, type InspectOptionsStylized } from 'node:util';
import type { NativeAddress } from './native';

/** How Node.js asks an object of ours what `console.log` shows of it. */
export const INSPECT: typeof inspect.custom = inspect.custom;

/**
 * What `console.log` shows of an object: its class, and the given fields. Fields that are undefined are left out.
 *
 * @param depth how many levels may still be shown
 */
export function shown(
  name: string,
  fields: Readonly<Record<string, unknown>>,
  depth: number,
  options: InspectOptionsStylized,
): string {
  if (depth < 0) return options.stylize(`[${name}]`, 'special');
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  return `${name} ${inspect(Object.fromEntries(known), options)}`;
}

/** An address as people write it: `127.0.0.1:80`, `[::1]:80`. */
export function addressText(address: NativeAddress | null): string | undefined {
  if (!address) return undefined;
  const { host, port } = address;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
