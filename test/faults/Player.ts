import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Play, Played } from './Play';

/** How much longer than the steps of a scenario all of it may take. */
const WATCHDOG = 6;
const TICKS_PER_SECOND = 100;

/** A process that plays scenarios. When one kills it, or never ends, the next has a new process. */
export class Player {
  #child: ChildProcess | null = null;

  constructor(readonly library: string) {}

  async play(play: Play): Promise<Played> {
    const child = (this.#child ??= this.#start());
    const played = await answerOf(child, play);
    if (played.outcome.verdict === 'crash' || child.exitCode !== null || child.killed) this.stop();
    return played;
  }

  stop(): void {
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }

  #start(): ChildProcess {
    return fork(join(__dirname, 'stage.ts'), {
      execArgv: ['--import', 'tsx'],
      env: { ...process.env, LD_PRELOAD: this.library },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }
}

function answerOf(child: ChildProcess, play: Play): Promise<Played> {
  return new Promise((resolve) => {
    const failed = (verdict: 'crash' | 'hang' | 'spin', detail: string) => {
      settle({ outcome: { verdict, detail, faults: NaN }, calls: {} });
    };
    const watchdog = setTimeout(() => {
      const { pid } = child;
      const before = processorTime(pid!);
      setTimeout(() => {
        const isBusy = processorTime(pid!) - before > 0.5;
        child.kill('SIGKILL');
        failed(isBusy ? 'spin' : 'hang', 'the process does not answer');
      }, 1000);
    }, play.patience * WATCHDOG);
    const onExit = (code: number | null, signal: string | null) => {
      failed('crash', `the process ended: ${signal ?? code ?? 'for no reason'}`);
    };
    const settle = (played: Played) => {
      clearTimeout(watchdog);
      child.off('exit', onExit).off('message', settle);
      resolve(played);
    };
    child.once('exit', onExit).once('message', settle);
    child.send(play);
  });
}

/** The seconds of processor time that a process has used. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
