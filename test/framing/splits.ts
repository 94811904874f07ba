import type { Random } from './random';

/** Ways to cut `bytes` into chunks: not at all, everywhere, at each one place, and at random. */
export function* splits(bytes: Buffer, random: Random): Generator<Buffer[]> {
  yield [bytes];
  yield Array.from(bytes, (byte) => Buffer.of(byte));
  for (let at = 0; at <= bytes.length; at++) {
    yield [bytes.subarray(0, at), bytes.subarray(at)];
  }
  for (let round = 0; round < 50; round++) {
    yield randomSplit(bytes, 1 + random(bytes.length + 1), random);
  }
}

/** Chunks of 0 to `longest` bytes. */
export function randomSplit(bytes: Buffer, longest: number, random: Random): Buffer[] {
  const chunks = [];
  for (let start = 0; start < bytes.length;) {
    const end = start + random(longest + 1);
    chunks.push(bytes.subarray(start, end));
    start = end;
  }
  return chunks;
}
