import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const ENGINE = join(__dirname, '../src/native/engine');

/** What a C program is made of beside its own source. */
interface Parts {
  /** Of the engine. */
  readonly engine?: readonly string[];
  readonly libraries?: readonly string[];
}

/** Lends a directory, for programs and sockets, which is removed afterwards. */
export async function withDirectory<T>(use: (directory: string) => T | Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'bipoll-bench-'));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Compiles a C program of ours into a directory. @returns its path */
export function compiled(
  source: string,
  directory: string,
  { engine = [], libraries = [] }: Parts = {},
): string {
  const program = join(directory, basename(source, '.c'));
  const warnings = ['-Wall', '-Wextra', '-Werror'];
  const includes = [`-I${ENGINE}`, `-I${ENGINE}/posix`];
  const sources = [join(__dirname, source), ...engine.map((part) => join(ENGINE, part))];
  const linked = libraries.map((library) => `-l${library}`);
  const args = ['-O2', '-D_GNU_SOURCE', ...warnings, ...includes, '-o', program, ...sources];
  execFileSync('cc', [...args, ...linked, '-pthread'], { stdio: 'inherit' });
  return program;
}

/** Whether programs can be linked with a library that is no part of the system. */
export function hasLibrary(name: string): boolean {
  return spawnSync('pkg-config', ['--exists', name], { stdio: 'ignore' }).status === 0;
}

/** Lends a C program of ours, compiled, and the directory that it is in. */
export function withProgram<T>(
  source: string,
  use: (program: string, directory: string) => T | Promise<T>,
): Promise<T> {
  return withDirectory((directory) => use(compiled(source, directory), directory));
}
