import { AttachedDescriptors } from './AttachedDescriptors';
import type { Socket } from './Socket';

const NOTHING = Buffer.alloc(0);

/**
 * Bytes that were read from the kernel and not consumed yet, in one piece. Its memory grows by doubling and is reused,
 * so that a long message in small chunks takes linear time.
 */
export class Unread {
  #memory = NOTHING;
  #start = 0;
  #end = 0;
  #attached: AttachedDescriptors | null = null;

  get length(): number {
    return this.#end - this.#start;
  }

  /** All of them, as a view that is valid until the next `append`. */
  view(): Buffer {
    return this.#memory.subarray(this.#start, this.#end);
  }

  /** @param descriptors what came with them */
  append(bytes: Uint8Array, descriptors: readonly Socket[] = []): void {
    if (descriptors.length > 0) {
      (this.#attached ??= new AttachedDescriptors()).add(this.length, descriptors);
    }
    this.#reserve(bytes.length);
    this.#memory.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Puts bytes back in front. */
  prepend(bytes: Uint8Array): void {
    this.#attached?.putBack(bytes.length);
    this.#memory = Buffer.concat([bytes, this.view()]);
    this.#start = 0;
    this.#end = this.#memory.length;
  }

  /** Takes the descriptors that came with the next bytes, which the caller is to close. */
  takeDescriptors(length: number): Socket[] {
    return this.#attached?.take(length) ?? [];
  }

  /** Closes the descriptors that came with the bytes and were not taken. */
  consume(length: number): void {
    this.#attached?.consume(length);
    this.#start += length;
    if (this.#start === this.#end) {
      // An idle socket keeps no memory.
      this.#memory = NOTHING;
      this.#start = 0;
      this.#end = 0;
    }
  }

  /** Consumes all. */
  discard(): void {
    this.consume(this.length);
  }

  #reserve(room: number): void {
    if (this.#end + room <= this.#memory.length) return;
    const { length } = this;
    // Bytes move to the front only if that frees half of the memory: so each byte moves a bounded number of times.
    const memory =
      2 * (length + room) <= this.#memory.length
        ? this.#memory
        : Buffer.allocUnsafeSlow(Math.max(2 * length, length + room));
    this.#memory.copy(memory, 0, this.#start, this.#end);
    this.#memory = memory;
    this.#start = 0;
    this.#end = length;
  }
}
