import { BYTES_PER_TURN } from './records';

/** As much as one batch can bring. */
const SIZE = 1024 * 1024;
/** Below this, a copy is cheaper than what a view would keep alive. */
const MIN_VIEW = 32 * 1024;
/** Small chunks of a batch share copies of at most this: as much as those share that `Buffer.from` makes. */
const MAX_SHARED = Buffer.poolSize;

const NOTHING = Buffer.alloc(0);

/**
 * Where the engine reads to. Chunks belong to whom they are given to: small ones are copies, so that the
 * memory is used again, and large ones views of memory that never is.
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

  /** A chunk of the present batch, the caller's to keep. */
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

  /** Copies this chunk and those behind it, as far as one copy may go. */
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
 * Memory of which chunks are only lent, until the batch has been handled. Whoever looks at one later finds it
 * empty, and never bytes of another.
 */
export class LentMemory {
  memory = Buffer.allocUnsafeSlow(SIZE);
  readonly start = 0;
  #isLent = false;

  /** No-op: lent chunks are views, so there is no shared copy to prepare. */
  begin(): void {
    // See above.
  }

  /** A chunk of the present batch, to be used until the callback returns. */
  lend(offset: number, length: number): Buffer {
    this.#isLent = true;
    return this.memory.subarray(offset, offset + length);
  }

  /** A chunk of the present batch, the caller's to keep. */
  take(offset: number, length: number): Buffer {
    const chunk = Buffer.allocUnsafe(length);
    this.memory.copy(chunk, 0, offset, offset + length);
    return chunk;
  }

  /** After a batch: takes back what was lent, by moving the memory away from under it. */
  renew(): void {
    if (!this.#isLent) return;
    this.#isLent = false;
    this.memory = Buffer.from(moved(this.memory.buffer as MovableArrayBuffer));
  }
}

interface MovableArrayBuffer extends ArrayBuffer {
  /** Of ES2024; Node.js 20 has it not. */
  transfer?(): ArrayBuffer;
}

function moved(memory: MovableArrayBuffer): ArrayBuffer {
  return memory.transfer ? memory.transfer() : structuredClone(memory, { transfer: [memory] });
}
