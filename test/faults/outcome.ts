/** What became of a scenario in which one call had a fault. */
export const VERDICTS = [
  'continued',
  'error',
  'unclear error',
  'wrong bytes',
  'hang',
  'spin',
  'crash',
  'leak',
  'service died',
] as const;

export type Verdict = (typeof VERDICTS)[number];

export interface Outcome {
  readonly verdict: Verdict;
  /** The code of the error, or what is known of what went wrong. */
  readonly detail: string;
  /** How many calls have had the fault. */
  readonly faults: number;
}

/** All bytes arrived, or somebody was told in a way that a program can act upon. */
export function isGood({ verdict }: Outcome): boolean {
  return verdict === 'continued' || verdict === 'error';
}

/** Thrown by a scenario that notices what no error of the library tells. */
export class Broken extends Error {
  constructor(
    readonly verdict: Verdict,
    message: string,
  ) {
    super(message);
  }
}

/** What a scenario failed with. */
export function verdictOf(error: unknown): Omit<Outcome, 'faults'> {
  if (error instanceof Broken) return { verdict: error.verdict, detail: error.message };
  if (!(error instanceof Error)) return { verdict: 'unclear error', detail: String(error) };
  // No system call fails with this class: the time of a verb was over, which is longer than any fault.
  if (error.name === 'TimeoutError') return { verdict: 'hang', detail: error.message };
  const { code } = error as { code?: unknown };
  const isClear = typeof code === 'string' && !code.startsWith('ERR_INVALID');
  return isClear
    ? { verdict: 'error', detail: code }
    : { verdict: 'unclear error', detail: error.stack ?? error.message };
}
