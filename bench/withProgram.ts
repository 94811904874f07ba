import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Lends a C program of ours, compiled, and the directory it is in, for sockets. Both are removed afterwards. */
export async function withProgram<T>(
  source: string,
  use: (program: string, directory: string) => T | Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'bipoll-bench-'));
  const program = join(directory, 'program');
  try {
    execFileSync('cc', ['-O2', '-D_GNU_SOURCE', '-o', program, join(__dirname, source)]);
    return await use(program, directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
