import { codeOf } from '../exitCodes';
import { paletteFor } from './colours';

/** Tells people something, on stderr: stdout is for what was asked for. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Tells what went wrong, and with whom. */
export function tellError(text: string): void {
  const { red } = paletteFor(process.stderr);
  tell(`${red('bipoll:')} ${text}`);
}

/** An error in one line. Those of Node.js that have none of their own say at least their code. */
export function messageOf(error: unknown): string {
  const { message } = error as { message?: unknown };
  return typeof message === 'string' && message !== '' ? message : (codeOf(error) ?? String(error));
}
