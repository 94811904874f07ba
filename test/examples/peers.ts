import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Waits until a program has written something, which it does when it is ready, and returns all up to then. */
export function untilSaid(
  program: ChildProcess,
  what: RegExp,
  output: 'stdout' | 'stderr' = 'stdout',
): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    program[output]!.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (what.test(said)) resolve(said);
    });
    program.once('close', () => {
      reject(new Error(`It ended and has only said: ${said}`));
    });
  });
}

/** Ends a program and waits for that. */
export async function stop(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const ended = once(program, 'exit');
  program.kill();
  await ended;
}
