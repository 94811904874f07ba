import { isUtf8 } from 'node:buffer';

/** Names chunks by letters: equal bytes have the same letter. */
export class Letters {
  readonly #named = new Map<string, string>();
  readonly #chunks = new Map<string, Buffer>();
  #next = 0;

  /** @param wanted names the bytes, unless they have a letter already */
  letterOf(bytes: Uint8Array, wanted?: string): string {
    const key = Buffer.from(bytes).toString('latin1');
    const known = this.#named.get(key);
    if (known !== undefined) return known;
    const letter = wanted ?? this.#unused();
    this.#named.set(key, letter);
    this.#chunks.set(letter, Buffer.from(bytes));
    return letter;
  }

  /** The chunks, by letter: text where the bytes are UTF-8, else what `show` makes of them. */
  table<Shown>(show: (bytes: Buffer) => Shown): Record<string, string | Shown> {
    const rows = Array.from(this.#chunks, ([letter, bytes]): [string, string | Shown] => [
      letter,
      isUtf8(bytes) ? bytes.toString() : show(bytes),
    ]);
    return Object.fromEntries(rows);
  }

  #unused(): string {
    let letter = letterAt(this.#next++);
    while (this.#chunks.has(letter)) letter = letterAt(this.#next++);
    return letter;
  }
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** Then come the CJK ideographs, and what follows them. */
const MORE_LETTERS = 0x4e00;
const FIRST_SURROGATE = 0xd800;
const AFTER_SURROGATES = 0x1_0000;

function letterAt(index: number): string {
  const letter = LETTERS[index];
  if (letter !== undefined) return letter;
  const point = MORE_LETTERS + index - LETTERS.length;
  const isBefore = point < FIRST_SURROGATE;
  return String.fromCodePoint(isBefore ? point : point - FIRST_SURROGATE + AFTER_SURROGATES);
}
