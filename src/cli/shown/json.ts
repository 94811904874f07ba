import { codeOf } from '../exitCodes';
import { messageOf } from './messages';

/** One line of `--json`: an object with the name of an event. */
export function jsonLine(event: string, fields: Readonly<Record<string, unknown>> = {}): string {
  return `${JSON.stringify({ event, ...fields })}\n`;
}

/** What an event of `--json` says of a failure. */
export function failureFields(error: unknown): { code: string | undefined; message: string } {
  return { code: codeOf(error), message: messageOf(error) };
}

/** Bytes in JSON: as text if they are UTF-8, else in base64. */
export function jsonBytes(bytes: Uint8Array): { text: string } | { base64: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') };
  }
}
