import { BYTES_PER_TURN } from './records';

/** The most bytes of one batch. */
const SIZE = 1024 * 1024;
/** Below this, a copy is cheaper than what a view would keep alive. */
const MIN_VIEW = 32 * 1024;
/** Small chunks of a batch share copies of at most this size, as small Buffers share Node's pool. */
const MAX_SHARED = Buffer.poolSize;

const NOTHING = Buffer.alloc(0);

/**
 * The memory that the engine reads into. Receivers own their chunks: small ones are copies, so that the memory can be
 * reused; large ones are views, and the memory under them is never reused.
 */
export class ReadMemory {
  memory = Buffer.allocUnsafeSlow(SIZE);
  /** Where the next batch begins. */
  start = 0;
  #endOfBatch = 0;
  #endOfViews = 0;
  /** A copy of the bytes from one offset to another. */
  #shared: Buffer = NOTHING;
  #startOfShared = 0;
  #endOfShared = 0;

  /** The present batch ends there. */
  begin(end: number): void {
    this.#endOfBatch = end;
  }

  /** A chunk of the present batch, which the caller owns. */
  take(offset: number, length: number): Buffer {
    if (length >= MIN_VIEW) {
      this.#endOfViews = offset + length;
      return this.memory.subarray(offset, offset + length);
    }
    const end = offset + length;
    if (length > MAX_SHARED) return this.#copy(offset, end);
    if (end > this.#endOfShared) this.#share(offset);
    return this.#shared.subarray(offset - this.#startOfShared, end - this.#startOfShared);
  }

  /** Copies this chunk and as many after it as one shared copy may have. */
  #share(offset: number): void {
    this.#startOfShared = offset;
    this.#endOfShared = Math.min(this.#endOfBatch, offset + MAX_SHARED);
    this.#shared = this.#copy(offset, this.#endOfShared);
  }

  #copy(start: number, end: number): Buffer {
    const copy = Buffer.allocUnsafe(end - start);
    this.memory.copy(copy, 0, start, end);
    return copy;
  }

  /** After a batch: makes room for the next. */
  renew(): void {
    this.#shared = NOTHING;
    this.#endOfShared = 0;
    this.start = Math.max(this.start, this.#endOfViews);
    // Take a new block when less than one socket's share is left.
    if (this.memory.length - this.start >= BYTES_PER_TURN) return;
    this.memory = Buffer.allocUnsafeSlow(SIZE);
    this.start = 0;
    this.#endOfViews = 0;
  }
}

/**
 * Memory whose chunks are only lent until the batch has been handled. Afterwards a chunk is empty: it never shows later
 * bytes.
 */
export class LentMemory {
  memory = Buffer.allocUnsafeSlow(SIZE);
  readonly start = 0;
  #isLent = false;

  /** No-op: lent chunks are views, so there is no shared copy to prepare. */
  begin(): void {
    // See above.
  }

  /** A chunk of the present batch, valid until the callback returns. */
  lend(offset: number, length: number): Buffer {
    this.#isLent = true;
    return this.memory.subarray(offset, offset + length);
  }

  /** A chunk of the present batch, which the caller owns. */
  take(offset: number, length: number): Buffer {
    const chunk = Buffer.allocUnsafe(length);
    this.memory.copy(chunk, 0, offset, offset + length);
    return chunk;
  }

  /** After a batch: takes back what was lent, by moving the memory to another ArrayBuffer, which empties all views. */
  renew(): void {
    if (!this.#isLent) return;
    this.#isLent = false;
    this.memory = Buffer.from(moved(this.memory.buffer as MovableArrayBuffer));
  }
}

interface MovableArrayBuffer extends ArrayBuffer {
  /** ES2024; missing in Node.js 20. */
  transfer?(): ArrayBuffer;
}

function moved(memory: MovableArrayBuffer): ArrayBuffer {
  return memory.transfer ? memory.transfer() : structuredClone(memory, { transfer: [memory] });
}
