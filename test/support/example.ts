import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const tsx = createRequire(__filename).resolve('tsx/cli');

/** Starts an example as a user would, on the built package. */
export function startExample(
  name: string,
  args: readonly string[],
  stdio: StdioOptions = ['ignore', 'pipe', 'inherit'],
): ChildProcess {
  return spawn(process.execPath, [tsx, join(root, 'examples', `${name}.ts`), ...args], {
    stdio,
    // The program that runs TypeScript leaves memory behind at its exit, which is no leak of ours.
    env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' },
  });
}

/** What a program wrote until it ended. */
export function outputOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', () => {
      resolve(output);
    });
  });
}
