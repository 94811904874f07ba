/** As much as one batch can bring. */
const SIZE = 1024 * 1024;
/** What is left is not worth a batch below this: what the engine reads for one socket in a turn. */
const MIN_ROOM = 64 * 1024;
/** Below this, a copy is cheaper than what a view would keep alive. */
const MIN_VIEW = 32 * 1024;
/** All chunks of a batch up to this share one copy: as much as those share that `Buffer.from` makes. */
const MAX_SHARED = Buffer.poolSize;

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
  #shared: Buffer | null = null;

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
    if (this.#endOfBatch - this.start > MAX_SHARED) return this.#copy(offset, offset + length);
    const shared = (this.#shared ??= this.#copy(this.start, this.#endOfBatch));
    return shared.subarray(offset - this.start, offset - this.start + length);
  }

  #copy(start: number, end: number): Buffer {
    const copy = Buffer.allocUnsafe(end - start);
    this.memory.copy(copy, 0, start, end);
    return copy;
  }

  /** After a batch: makes room for the next. */
  renew(): void {
    this.#shared = null;
    this.start = Math.max(this.start, this.#endOfViews);
    if (this.memory.length - this.start >= MIN_ROOM) return;
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

  /** As of {@link ReadMemory}, whose chunks may share a copy. */
  begin(): void {
    // Here they may not: what is lent is the memory itself.
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
