import type { Direction, FrameItem, Opened, ShownFrame } from '../wire';
import { bytesText } from './amounts';
import { hexOf, textOf, visible } from './chunkText';
import { isNote } from './FrameModel';

type Chunk = Opened['chunks'][number];

/** A chunk, as it is listed. @param start when the first one came */
export function textOfChunk(chunk: Chunk, start: number, isHex: boolean): string {
  const bytes = bytesOf(chunk.base64);
  const head = headOf(chunk.direction, chunk.time - start);
  return `${head}, ${bytesText(bytes.length)}\n${shown(bytes, isHex)}`;
}

/** A frame, or a note about frames, as it is listed. @param start when the first one came */
export function textOfItem(item: FrameItem, start: number, isHex: boolean): string {
  if (isNote(item)) {
    const { time, direction, note } = item;
    return direction === null ? note : `${headOf(direction, time - start)}: ${note}`;
  }
  const { time, direction, index, bytes, isCut } = item;
  const head = `${headOf(direction, time - start)}, frame ${index}, ${bytesText(bytes)}`;
  return `${head}\n${contentText(item, isHex)}${isCut ? '…' : ''}`;
}

/** Hex is for bytes: what a codec has decoded to text, or to another value, has none of its own. */
function contentText({ content }: ShownFrame, isHex: boolean): string {
  return 'base64' in content ? shown(bytesOf(content.base64), isHex) : visible(content.text);
}

function headOf(direction: Direction, after: number): string {
  return `${direction === 'in' ? '→ in ' : '← out'} +${after.toFixed(1)} ms`;
}

function shown(bytes: Uint8Array, isHex: boolean): string {
  return isHex ? hexOf(bytes) : textOf(bytes);
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
