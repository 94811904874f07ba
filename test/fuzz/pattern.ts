const PERIOD = 256;
const LONGEST = 65_536;

const pattern = Buffer.from(Array.from({ length: LONGEST + PERIOD }, (_, index) => index * 7));

/** So many bytes of those that are sent to the end of that number, from the given one on. */
export function patternFor(end: number, from: number, length: number): Buffer {
  const start = (from + end * 41) % PERIOD;
  return pattern.subarray(start, start + length);
}
