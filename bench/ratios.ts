import { execFileSync, spawnSync } from 'node:child_process';

/** A ratio that was measured, and the most that it may be. */
export interface Figure {
  name: string;
  ratio: number;
  target: number;
  /** The lowest and the highest of the rounds, where there were several. */
  spread?: readonly [lowest: number, highest: number];
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** Runs the contestants in turn, so that what else the machine does meets all of them alike. */
export function alternate<Name extends string>(
  rounds: number,
  contestants: Record<Name, () => number>,
): Record<Name, number[]> {
  const names = Object.keys(contestants) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    number[]
  >;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) results[name].push(contestants[name]());
  }
  return results;
}

/** The ratios within each round: their median, and their spread. */
export function compared(
  values: readonly number[],
  base: readonly number[],
): Required<Pick<Figure, 'ratio' | 'spread'>> {
  const ratios = values.map((value, round) => value / base[round]!);
  return { ratio: median(ratios), spread: [Math.min(...ratios), Math.max(...ratios)] };
}

export function show(figures: readonly Figure[]): void {
  for (const { name, ratio: measured, target } of figures) {
    const verdict = measured <= target ? 'holds' : 'MISSED';
    console.log(`${name.padEnd(66)} ${measured.toFixed(3).padStart(8)} <= ${target}  ${verdict}`);
  }
}

/** Runs a program pinned to a core, and returns what it prints. */
export function run(core: number, command: string, args: readonly string[]): string {
  const [program, ...rest] = [...pinned(core), command, ...args];
  return execFileSync(program!, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The command that pins what follows to a core; nothing where there is no `taskset`, or no such core. */
export function pinned(core: number): string[] {
  const taskset = ['taskset', '-c', String(core)];
  const { status } = spawnSync(taskset[0]!, [...taskset.slice(1), 'true'], { stdio: 'ignore' });
  return status === 0 ? taskset : [];
}
