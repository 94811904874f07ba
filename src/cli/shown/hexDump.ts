const BYTES_PER_LINE = 16;
const HALF = BYTES_PER_LINE / 2;

/** Dumps a stream of bytes, chunk by chunk, as `hexdump -C` does. Each dump counts its own bytes. */
export class HexDump {
  #offset = 0;

  /** @param mark stands in front of each line: `<` */
  constructor(readonly mark: string) {}

  /** The lines of the next chunk, each with its end. */
  dump(bytes: Uint8Array): string {
    let text = '';
    for (let start = 0; start < bytes.length; start += BYTES_PER_LINE) {
      text += this.#line(bytes.subarray(start, start + BYTES_PER_LINE), this.#offset + start);
    }
    this.#offset += bytes.length;
    return text;
  }

  #line(bytes: Uint8Array, offset: number): string {
    const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
    const halves = [pairs.slice(0, HALF), pairs.slice(HALF)].map((half) => half.join(' '));
    const hex = halves.join('  ').padEnd(3 * BYTES_PER_LINE);
    const text = Array.from(bytes, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
    ).join('');
    return `${this.mark} ${offset.toString(16).padStart(8, '0')}  ${hex}  |${text}|\n`;
  }
}
