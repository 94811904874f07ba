/** As much as one batch can bring. */
const SIZE = 1024 * 1024;
/** What is left is not worth a batch below this: what the engine reads for one socket in a turn. */
const MIN_ROOM = 64 * 1024;
/** Below this, a copy is cheaper than what a view would keep alive. */
const MIN_VIEW = 32 * 1024;

/**
 * Where the engine reads to. Chunks belong to whom they are given to: small ones are copies, so that the
 * memory is used again, and large ones views of memory that never is.
 */
export class ReadMemory {
  memory = Buffer.allocUnsafeSlow(SIZE);
  /** Where the next batch begins. */
  start = 0;
  #end = 0;

  /** A chunk of the present batch, the caller's to keep. */
  take(offset: number, length: number): Buffer {
    if (length >= MIN_VIEW) {
      this.#end = offset + length;
      return this.memory.subarray(offset, offset + length);
    }
    const chunk = Buffer.allocUnsafe(length);
    this.memory.copy(chunk, 0, offset, offset + length);
    return chunk;
  }

  /** After a batch: makes room for the next. */
  renew(): void {
    this.start = Math.max(this.start, this.#end);
    if (this.memory.length - this.start >= MIN_ROOM) return;
    this.memory = Buffer.allocUnsafeSlow(SIZE);
    this.start = 0;
    this.#end = 0;
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
