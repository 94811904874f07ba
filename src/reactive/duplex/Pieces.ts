import { Queue } from '../Queue';

/** What is written at once: small enough that progress is seen, large enough that a write is worth it. */
const MOST_BYTES = 64 * 1024;

/** Bytes that wait to be written, in pieces of a good size: small chunks are joined, large ones cut. */
export class Pieces {
  readonly #chunks = new Queue<Buffer>();
  /** What is left of a chunk that was cut. */
  #rest: Buffer | null = null;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  /** Takes the next piece; null if there is none. */
  next(): Buffer | null {
    const only = this.#takeOnly();
    if (only) return only;
    const joined: Buffer[] = [];
    let length = 0;
    for (let chunk = this.#shift(); chunk; chunk = this.#shift()) {
      const room = MOST_BYTES - length;
      joined.push(chunk.subarray(0, room));
      length += Math.min(chunk.length, room);
      if (chunk.length > room) this.#rest = chunk.subarray(room);
      if (length === MOST_BYTES) break;
    }
    const [first = null] = joined;
    return joined.length > 1 ? Buffer.concat(joined, length) : first;
  }

  /** Takes the only chunk, which is most often all there is, if it needs no cut. */
  #takeOnly(): Buffer | undefined {
    const isOnly = this.#chunks.length === 1 && this.#rest === null;
    return isOnly && this.#chunks.first!.length <= MOST_BYTES ? this.#chunks.shift() : undefined;
  }

  #shift(): Buffer | undefined {
    const rest = this.#rest;
    this.#rest = null;
    return rest ?? this.#chunks.shift();
  }
}
