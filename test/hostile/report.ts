import { arch, cpus, release } from 'node:os';
import type { Trial } from './trial';

const HEADINGS = [
  'attack',
  'over',
  'service',
  'answers',
  'median, ms',
  'p99, ms',
  'longest, ms',
  'memory, MiB',
  'promises',
];

/** All trials as a table of Markdown. */
export function table(trials: readonly Trial[]): string {
  const rows = [HEADINGS, HEADINGS.map(() => '---'), ...trials.map(rowOf)];
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function rowOf({ attack, style, latencies, growth, broken }: Trial): string[] {
  return [
    attack.name,
    attack.transport,
    style,
    String(latencies.length),
    ...[0.5, 0.99, 1].map((share) => ms(quantile(latencies, share))),
    `+${Math.max(0, Math.round(growth))}`,
    broken.length === 0 ? 'kept' : broken.join('; '),
  ];
}

/** The value below which that share of them is; they are sorted. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

const ms = (value: number) => (value < 10 ? value.toFixed(2) : value.toFixed(0));

/** The machine that they ran on. */
export function machine(): string {
  const processors = cpus();
  return `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown'} (${arch()}), Linux ${release()}, Node.js ${process.version}`;
}

/** What .ci/count-tests.mjs reads. */
export function jestReport(trials: readonly Trial[]): object {
  const failed = trials.filter(({ broken }) => broken.length > 0).length;
  return {
    numPassedTests: trials.length - failed,
    numFailedTests: failed,
    numRuntimeErrorTestSuites: 0,
  };
}
