import { spawnSync } from 'node:child_process';
import { isWindows } from './where';

/** Whether a process may have so many descriptors: on Windows, where they are handles, as many as it likes. */
export const canHaveDescriptors = (count: number) =>
  isWindows || spawnSync('prlimit', [`--nofile=${count}`, 'true']).status === 0;

/** The beginning of a script that needs so many. */
export const allowingDescriptors = (count: number) =>
  isWindows
    ? ''
    : `import { execFileSync } from 'node:child_process';
       execFileSync('prlimit', ['--pid', process.pid, '--nofile=${count}']);`;
