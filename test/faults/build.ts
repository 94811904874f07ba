import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { capabilities } from 'bipoll';
import { isSanitized } from '../support/where';

const ROOT = join(__dirname, '../..');
const BUILD = join(ROOT, 'build/faults-library');
const LIBRARY = join(BUILD, 'libfaults.so');

interface Report {
  header: { glibcVersionRuntime?: string };
}

/** Why no calls can be made to fail here; null: they can. */
export function whyNoFaults(): string | null {
  if (process.platform !== 'linux') return 'calls can be made to fail on Linux only';
  const { header } = process.report.getReport() as unknown as Report;
  if (!header.glibcVersionRuntime) return 'it needs the C library of GNU';
  if (capabilities().backends.includes('kqueue'))
    return 'the addon makes the calls of other systems';
  if (isSanitized) return 'a sanitizer stands before the same calls';
  return null;
}

/** Builds library/faults.c, to be preloaded. @returns its path */
export function buildFaults(): string {
  cmake('-S', join(__dirname, 'library'), '-B', BUILD);
  cmake('--build', BUILD);
  return LIBRARY;
}

function cmake(...args: string[]): void {
  const { status, stdout, stderr } = spawnSync('cmake', args, { encoding: 'utf8' });
  if (status !== 0 || !existsSync(BUILD)) throw new Error(stdout + stderr);
}
