import { createHash } from 'node:crypto';

/** What is sent at length: more than any buffer on its way has room for. */
export const body = Buffer.alloc(3_000_000, 'bipoll, ');

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** All that a stream gives up to its end. */
export async function received(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
