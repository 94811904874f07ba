import { spawnSync } from 'node:child_process';
import { describeWhere } from './where';

/** For programs that are not ours: without the sanitizer that this suite may run under, in which some never end. */
export const unwatched = { ...process.env, LD_PRELOAD: '' };

/** Tests with a real program at the other end: skipped where it is not installed, as CI does on Debian. */
export function whereInstalled(program: string, versionArgument = '--version') {
  const isInstalled = spawnSync(program, [versionArgument], { env: unwatched }).status === 0;
  return describeWhere(isInstalled, `${program} is not installed here`);
}
