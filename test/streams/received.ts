import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** All that comes, to its end. Unlike iterating, this leaves the writable side of a Duplex alone. */
export async function received(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'end');
  return Buffer.concat(chunks);
}
