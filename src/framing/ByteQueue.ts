const EMPTY: Buffer = Buffer.alloc(0);
const MIN_STEP = 64;
const MIN_CAPACITY = 128;

/**
 * Bytes that arrive in chunks and are decoded from the front, of which one contiguous piece is visible and can be
 * extended.
 *
 * The latest chunk is viewed in place, without copying. Only a piece that spans two chunks is assembled in memory of
 * the queue; as soon as the rest lies within the chunk again, the queue returns to viewing that.
 */
export class ByteQueue {
  // The bytes are #held from #start to #end and, behind them, #chunk from #offset. #held is memory
  // of our own, only ever written behind #end: what was shown of it is never overwritten.
  #held = EMPTY;
  #start = 0;
  #end = 0;
  #chunk = EMPTY;
  #offset = 0;
  /** How many of the last bytes in #held also lie in #chunk, right before #offset. */
  #shared = 0;

  /** All bytes that are there. */
  get length(): number {
    return this.#heldLength + this.#chunkLength;
  }

  /** Whether the front is a view of the chunk, and not of memory that is never written again. */
  get frontIsChunk(): boolean {
    return this.#heldLength === 0;
  }

  /** The first bytes, not always all of them. */
  front(): Buffer {
    return this.#heldLength === 0
      ? this.#chunk.subarray(this.#offset)
      : this.#held.subarray(this.#start, this.#end);
  }

  /**
   * Makes the front longer, by copying; returns `false` if it has all bytes already. The queue then keeps no reference
   * to the chunk.
   */
  extendFront(): boolean {
    const available = this.#chunkLength;
    if (available === 0) {
      this.#setChunk(EMPTY);
      return false;
    }
    // Do not copy the whole chunk: the frame may end soon, and the bytes after it are better viewed in the chunk.
    const step = this.#heldLength === 0 ? available : Math.max(this.#heldLength, MIN_STEP);
    this.#hold(Math.min(step, available));
    return true;
  }

  /** Adds bytes at the back. The queue views the chunk until {@link extendFront} has returned `false`. */
  append(chunk: Uint8Array): void {
    this.#hold(this.#chunkLength);
    this.#setChunk(asBuffer(chunk));
  }

  /** Drops the first `count` bytes, which are within the front. */
  consume(count: number): void {
    if (this.#heldLength === 0) {
      this.#offset += count;
      return;
    }
    this.#start += count;
    const left = this.#heldLength;
    if (left <= this.#shared) {
      this.#offset -= left;
      this.#letHeldGo();
    }
  }

  /** Drops all bytes and returns them, in memory of their own. */
  takeAll(): Buffer {
    const held = this.#held.subarray(this.#start, this.#end);
    const bytes = Buffer.concat([held, this.#chunk.subarray(this.#offset)]);
    this.#letHeldGo();
    this.#setChunk(EMPTY);
    return bytes;
  }

  get #heldLength(): number {
    return this.#end - this.#start;
  }

  get #chunkLength(): number {
    return this.#chunk.length - this.#offset;
  }

  /** Copies the next `count` bytes of the chunk behind those held. */
  #hold(count: number): void {
    if (this.#end + count > this.#held.length) {
      // Allocate twice what is needed, so that on average no byte moves more than once.
      const capacity = 2 * (this.#heldLength + count);
      const memory = Buffer.allocUnsafe(Math.max(capacity, MIN_CAPACITY));
      this.#end = this.#held.copy(memory, 0, this.#start, this.#end);
      this.#start = 0;
      this.#held = memory;
    }
    this.#end += this.#chunk.copy(this.#held, this.#end, this.#offset, this.#offset + count);
    this.#offset += count;
    this.#shared += count;
  }

  #letHeldGo(): void {
    this.#held = EMPTY;
    this.#start = 0;
    this.#end = 0;
    this.#shared = 0;
  }

  #setChunk(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#offset = 0;
    this.#shared = 0;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
