import { Queue } from './Queue';

/** Small writes share a block, so that the queue weighs about what it holds, however it came. */
const BLOCK = 16 * 1024;

interface Block {
  readonly memory: Buffer;
  start: number;
  end: number;
}

/** Bytes that the system did not take yet, in order, in memory of their own. */
export class SendQueue {
  readonly #blocks = new Queue<Block>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    this.#length += bytes.length;
    const { last } = this.#blocks;
    const room = last ? Math.min(last.memory.length - last.end, bytes.length) : 0;
    if (last && room > 0) {
      last.memory.set(bytes.subarray(0, room), last.end);
      last.end += room;
    }
    if (room === bytes.length) return;
    const rest = bytes.subarray(room);
    const memory = Buffer.allocUnsafeSlow(Math.max(BLOCK, rest.length));
    memory.set(rest);
    this.#blocks.push({ memory, start: 0, end: rest.length });
  }

  /**
   * Hands the bytes over, oldest first.
   *
   * @param write takes a part of a buffer, and returns how many of its bytes it took
   * @returns a negative number that `write` returned, or 0
   */
  drain(write: (memory: Buffer, start: number, end: number) => number): number {
    for (let block; (block = this.#blocks.first);) {
      const taken = write(block.memory, block.start, block.end);
      if (taken < 0) return taken;
      this.#length -= taken;
      block.start += taken;
      if (block.start < block.end) break;
      this.#blocks.shift();
    }
    return 0;
  }

  clear(): void {
    this.#blocks.takeAll();
    this.#length = 0;
  }
}
