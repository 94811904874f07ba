/** Ways to cut `bytes` into chunks: not at all, everywhere, and at each one place. */
export function* splits(bytes: Buffer): Generator<Buffer[]> {
  yield [bytes];
  yield Array.from(bytes, (byte) => Buffer.of(byte));
  for (let at = 0; at <= bytes.length; at++) {
    yield [bytes.subarray(0, at), bytes.subarray(at)];
  }
}
