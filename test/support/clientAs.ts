import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { isWindows } from './where';
import { exitOf, startScript } from './script';

/** Who a client is. */
export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** Only root may become somebody else. */
export const canBecomeOthers = !isWindows && process.getuid?.() === 0;

/** Lets every user reach what is in the directory of a fresh path. */
export function openDirectoryOf(path: string): string {
  chmodSync(dirname(path), 0o711);
  return path;
}

/**
 * Connects as another user, sends a line and ends.
 *
 * @returns what came back until the server closed; '' also if it did so by a reset
 */
export async function answerTo({ uid, gid, groups }: User, path: string): Promise<string> {
  const client = startScript(
    `import net from 'node:net';
     process.setgroups(${JSON.stringify(groups)});
     process.setgid(${gid});
     process.setuid(${uid});
     const socket = net.connect(${JSON.stringify(path)});
     socket.on('error', () => undefined);
     socket.pipe(process.stdout);
     socket.end('hello\\n');`,
  );
  let answer = '';
  client.stdout?.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  await exitOf(client);
  return answer;
}
