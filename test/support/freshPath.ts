import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const directory = mkdtempSync(join(tmpdir(), 'bipoll-'));
process.on('exit', () => {
  rmSync(directory, { recursive: true, force: true });
});

let count = 0;

/** A path that nothing has been at yet. */
export function freshPath(): string {
  return join(directory, `${++count}.sock`);
}
