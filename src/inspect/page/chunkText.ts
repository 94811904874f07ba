const ROW = 16;

/** Bytes as text: what is no UTF-8, or cannot be seen, as an escape. */
export function textOf(bytes: Uint8Array): string {
  try {
    return visible(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return Array.from(bytes, (byte) => asciiOf(byte) ?? hexEscape(byte)).join('');
  }
}

/** Text with an escape for each character that cannot be seen, or would turn the text around. */
export function visible(text: string): string {
  return text.replace(/[^\P{C}\n]/gu, escaped);
}

/** Bytes as rows of sixteen: offset, hex, ASCII. */
export function hexOf(bytes: Uint8Array): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += ROW) {
    const row = [...bytes.subarray(at, at + ROW)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = row.map((byte) => asciiOf(byte) ?? '.').join('');
    rows.push(`${at.toString(16).padStart(6, '0')}  ${hex.padEnd(ROW * 3)} ${ascii}`);
  }
  return rows.join('\n');
}

function escaped(character: string): string {
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  const code = character.codePointAt(0)!;
  return code < 256 ? hexEscape(code) : `\\u{${code.toString(16)}}`;
}

function asciiOf(byte: number): string | null {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : null;
}

function hexEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
