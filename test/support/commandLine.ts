import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { untilSaid } from '../examples/peers';

const program = join(__dirname, '../../loader/bipoll.js');

/** What a program that has ended wrote, and how it ended. */
export interface Outcome {
  stdout: string;
  stderr: string;
  code: number | null;
  signal: NodeJS.Signals | null;
}

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL'); // of a test that failed, lest Jest waits for it
});

/**
 * Starts the command line as a user would, on the built package. It does not outlive the test.
 *
 * @param stdout a descriptor instead of a pipe
 */
export function startBipoll(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  stdout: 'pipe' | number = 'pipe',
): ChildProcess {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['pipe', stdout, 'pipe'],
    // Node.js leaves memory behind at its exit, which is no leak of ours.
    env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0', ...env },
  });
  started.push(child);
  return child;
}

/** What it writes until it ends. To be called before it can have written anything. */
export function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const outcome: Outcome = { stdout: '', stderr: '', code: null, signal: null };
  child.stdin?.on('error', () => undefined); // once it has ended, nobody takes the rest
  child.stdout?.on('data', (chunk: Buffer) => (outcome.stdout += chunk.toString('latin1')));
  child.stderr?.on('data', (chunk: Buffer) => (outcome.stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ ...outcome, code, signal });
    });
  });
}

/** Runs a command line to its end. @param input its stdin, to the end; null leaves stdin open */
export function bipoll(
  args: readonly string[],
  input: string | Buffer | null = '',
  env: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  const child = startBipoll(args, env);
  const outcome = outcomeOf(child);
  if (input !== null) child.stdin!.end(input);
  return outcome;
}

/** A command that listens, once it does. */
export interface Listening {
  child: ChildProcess;
  /** Where it listens, as it can be typed. */
  address: string;
  outcome: Promise<Outcome>;
}

export async function startListening(args: readonly string[]): Promise<Listening> {
  const child = startBipoll(args);
  const outcome = outcomeOf(child);
  const [, address] = /listening on (\S+)\n/.exec(
    await untilSaid(child, /listening on \S+\n/, 'stderr'),
  )!;
  return { child, address: address!, outcome };
}

/** The port of an address. */
export function portOf(address: string): number {
  return Number(/:(\d+)$/.exec(address)![1]);
}
