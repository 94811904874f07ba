import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { freshFile } from './freshPath';

/** Both ends of a FIFO: reading, writing. */
export function pipe(): [number, number] {
  const path = freshFile();
  spawnSync('mkfifo', [path]);
  // Opened for both first, since opening one end alone waits for the other.
  const both = openSync(path, 'r+');
  const ends: [number, number] = [openSync(path, 'r'), openSync(path, 'w')];
  closeSync(both);
  return ends;
}
