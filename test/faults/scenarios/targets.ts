import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const directory = mkdtempSync(join(tmpdir(), 'bipoll-faults-'));
process.once('exit', () => {
  rmSync(directory, { recursive: true, force: true });
});

let count = 0;

/** The path of a file that is not there yet. */
export function freshFile(): string {
  return join(directory, String(++count));
}

export interface Transport {
  readonly name: string;
  /** Where to listen. */
  readonly target: () => { host: string; port: number } | { path: string };
}

export const transports: readonly Transport[] = [
  { name: 'TCP', target: () => ({ host: '127.0.0.1', port: 0 }) },
  { name: 'local', target: () => ({ path: freshFile() }) },
];
