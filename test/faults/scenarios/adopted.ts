import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { adopt, type Descriptor } from 'bipoll';
import { poll } from 'bipoll/sync';
import { Broken } from '../outcome';
import { checkWhole, pattern } from './bytes';
import type { Scenario } from './Scenario';
import { freshFile } from './targets';

const SENT = pattern(10_000); // which a pipe takes without a reader

/** A descriptor that could not be adopted is still the program's own. */
function adoptOrClose(fd: number, ...others: number[]): Descriptor {
  try {
    return adopt(fd, 'descriptor');
  } catch (error) {
    [fd, ...others].forEach(closeSync);
    throw error;
  }
}

function play(patience: number): void {
  const path = freshFile();
  spawnSync('mkfifo', [path]);
  // Opened for both first, since opening one end alone waits for the other.
  const both = openSync(path, 'r+');
  const [readFd, writeFd] = [openSync(path, 'r'), openSync(path, 'w')];
  closeSync(both);
  using reader = adoptOrClose(readFd, writeFd);
  using writer = adoptOrClose(writeFd);
  for (let sent = 0; sent < SENT.length;) {
    waitFor(writer, 'writable', patience);
    sent += writer.write(SENT.subarray(sent));
  }
  writer.close();
  checkWhole(readAll(reader, patience), SENT);
}

function readAll(reader: Descriptor, patience: number): Buffer {
  const chunks: Buffer[] = [];
  for (;;) {
    waitFor(reader, 'readable', patience);
    const buffer = Buffer.alloc(4096);
    const got = reader.read(buffer);
    if (got === null) return Buffer.concat(chunks);
    chunks.push(buffer.subarray(0, got));
  }
}

function waitFor(socket: Descriptor, event: 'readable' | 'writable', patience: number): void {
  if (!poll(socket, event, patience)) throw new Broken('hang', `it does not become ${event}`);
}

export const adopted: readonly Scenario[] = [{ family: 'adopted pipe', variant: '', play }];
