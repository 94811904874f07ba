import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { capabilities } from 'bipoll';
import { describeWhere, isSanitized } from './where';

const ROOT = join(__dirname, '../..');
const BUILD = join(ROOT, 'build/faults');
const LIBRARY = join(BUILD, 'libfaults.so');

interface Report {
  header: { glibcVersionRuntime?: string };
}

function whyNot(): string | null {
  if (process.platform !== 'linux') return 'calls can be made to fail on Linux only';
  const { header } = process.report.getReport() as unknown as Report;
  if (!header.glibcVersionRuntime) return 'it needs the C library of GNU';
  if (capabilities().backends.includes('kqueue'))
    return 'the addon makes the calls of other systems';
  if (isSanitized) return 'a sanitizer stands before the same calls';
  return null;
}

const reason = whyNot();

/** Tests whose scripts can let calls of the addon fail: with {@link LET_FAIL}. */
export const describeWithFaults = describeWhere(reason === null, reason ?? '');

/** Has scripts that tests start load test/faults/faults.c, which it builds. */
export function preloadFaults(): void {
  beforeAll(() => {
    cmake('-S', join(ROOT, 'test/faults'), '-B', BUILD);
    cmake('--build', BUILD);
    process.env['LD_PRELOAD'] = LIBRARY;
  });
  afterAll(() => {
    delete process.env['LD_PRELOAD'];
  });
}

function cmake(...args: string[]): void {
  const { status, stdout, stderr } = spawnSync('cmake', args, { encoding: 'utf8' });
  if (status !== 0 || !existsSync(BUILD)) throw new Error(stdout + stderr);
}

/** For scripts: lets calls fail, and says how many have failed. */
export const LET_FAIL = `
  import { constants } from 'node:os';
  function letFail(call, error, { skip = 0, count = 1 } = {}) {
    process.env.BIPOLL_FAULT = [call, constants.errno[error], skip, count].join(' ');
  }
  const failures = () => Number(process.env.BIPOLL_FAULTS_MADE);`;
