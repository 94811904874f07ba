const EMPTY: Buffer = Buffer.alloc(0);
const MIN_STEP = 64;
const MIN_CAPACITY = 128;

/**
 * Bytes that come in chunks and are looked at from the front, in one piece that can be made longer.
 *
 * The latest chunk is looked at where it is, without copying. Only a piece that reaches from one
 * chunk into the next is put together in memory of the queue, and as soon as what is left lies in
 * the chunk again, the queue goes back to that.
 */
export class ByteQueue {
  // The bytes are #held from #start to #end and, behind them, #chunk from #offset. #held is memory
  // of our own, only ever written behind #end: what was shown of it is never overwritten.
  #held = EMPTY;
  #start = 0;
  #end = 0;
  #chunk = EMPTY;
  #offset = 0;
  /** How many of the last bytes in #held are in #chunk as well, right before #offset. */
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
   * Makes the front longer, by copying; `false` if it has all bytes. The chunk is let go then, and
   * not looked at any more.
   */
  extendFront(): boolean {
    const available = this.#chunkLength;
    if (available === 0) {
      this.#setChunk(EMPTY);
      return false;
    }
    // Not the whole chunk at once: the piece may end soon, and what follows is better looked at in
    // the chunk.
    const step = this.#heldLength === 0 ? available : Math.max(this.#heldLength, MIN_STEP);
    this.#hold(Math.min(step, available));
    return true;
  }

  /** Adds bytes at the back. Until {@link extendFront} has returned `false` the chunk is looked at. */
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
      // Twice what is needed, so that on average no byte is moved more than once.
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
