import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isWindows } from './where';

const directory = mkdtempSync(join(tmpdir(), 'bipoll-'));
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

let count = 0;

/** A path for a local server that nothing has been at yet. */
export function freshPath(): string {
  return isWindows ? `\\\\.\\pipe\\${basename(directory)}-${++count}` : freshFile();
}

/** The path of a file that is not there yet. */
export function freshFile(): string {
  return join(directory, `${++count}.sock`);
}
