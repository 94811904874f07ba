import type { Fault } from './Fault';
import type { Outcome, Verdict } from './outcome';

interface Explanation {
  readonly scenario: RegExp;
  readonly call: RegExp;
  readonly how?: RegExp;
  readonly verdict: Verdict;
  readonly reason: string;
}

/** Outcomes of bad classes that are no mistakes of the library, and why. */
export const explanations: readonly Explanation[] = [];

export function explanationOf(scenario: string, fault: Fault, outcome: Outcome): string | null {
  const found = explanations.find(
    (each) =>
      each.verdict === outcome.verdict &&
      each.scenario.test(scenario) &&
      each.call.test(fault.call) &&
      (each.how ?? /./).test(fault.how),
  );
  return found?.reason ?? null;
}
