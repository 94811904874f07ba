const NOTHING = Buffer.alloc(0);

/**
 * Bytes that were read from the kernel and not consumed yet, in one piece. Its memory grows by doubling and is reused,
 * so that a long message in small chunks takes linear time.
 */
export class Unread {
  #memory = NOTHING;
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** All of them, as a view that is valid until the next `append`. */
  view(): Buffer {
    return this.#memory.subarray(this.#start, this.#end);
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#memory.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Puts bytes back in front. */
  prepend(bytes: Uint8Array): void {
    this.#memory = Buffer.concat([bytes, this.view()]);
    this.#start = 0;
    this.#end = this.#memory.length;
  }

  consume(length: number): void {
    this.#start += length;
    if (this.#start === this.#end) {
      // An idle socket keeps no memory.
      this.#memory = NOTHING;
      this.#start = 0;
      this.#end = 0;
    }
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
