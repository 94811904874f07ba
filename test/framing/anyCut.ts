import fc from 'fast-check';

/** Random ways to cut bytes into chunks, empty ones among them. */
export const anyCut: fc.Arbitrary<(bytes: Buffer) => Buffer[]> = fc
  .array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 40 })
  .map((lengths) => (bytes) => cut(bytes, lengths));

/** Chunks of these lengths, and the rest in one. */
function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let start = 0;
  for (const length of lengths) {
    chunks.push(bytes.subarray(start, start + length));
    start += length;
  }
  return [...chunks, bytes.subarray(start)];
}
