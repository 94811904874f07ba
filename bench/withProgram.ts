import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ENGINE = join(__dirname, '../src/native/engine');

/**
 * Lends a C program of ours, compiled, and the directory it is in, for sockets. Both are removed afterwards.
 *
 * @param parts of the engine that it is compiled with
 */
export async function withProgram<T>(
  source: string,
  use: (program: string, directory: string) => T | Promise<T>,
  parts: readonly string[] = [],
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'bipoll-bench-'));
  const program = join(directory, 'program');
  try {
    const includes = [`-I${ENGINE}`, `-I${ENGINE}/posix`];
    const sources = [join(__dirname, source), ...parts.map((part) => join(ENGINE, part))];
    execFileSync('cc', [
      '-O2',
      '-D_GNU_SOURCE',
      ...includes,
      '-o',
      program,
      ...sources,
      '-pthread',
    ]);
    return await use(program, directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
