import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** The numeric address of a host, which listening and UDP take alone. */
export async function resolved(host: string): Promise<string> {
  return isIP(host.replace(/%.*/, '')) === 0 ? (await lookup(host)).address : host;
}
