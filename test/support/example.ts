import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/** Starts an example as a user would, on the built package. */
export function startExample(
  name: string,
  args: readonly string[],
  stdio: StdioOptions = ['ignore', 'pipe', 'inherit'],
): ChildProcess {
  // Not by the command of tsx: that kills a program that has not ended 60 ms after a signal.
  return spawn(
    process.execPath,
    ['--import', 'tsx', join(root, 'examples', `${name}.ts`), ...args],
    {
      cwd: root, // which has tsx
      stdio,
      // The program that runs TypeScript leaves memory behind at its exit, which is no leak of ours.
      env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' },
    },
  );
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
