import { spawnSync } from 'node:child_process';
import { describeWhere } from './where';

/** Tests with a real program at the other end: skipped where it is not installed, as CI does on Debian. */
export function whereInstalled(program: string, versionArgument = '--version') {
  const isInstalled = spawnSync(program, [versionArgument]).status === 0;
  return describeWhere(isInstalled, `${program} is not installed here`);
}
