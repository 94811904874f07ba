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
export const explanations: readonly Explanation[] = [
  {
    scenario: /^(blocking verbs|reactive client)/,
    call: /^shutdown$/,
    how: /^ENOTCONN$/,
    verdict: 'hang',
    reason:
      'A system says so of a connection that is over, whose peer has read an end or an error. ' +
      'Here the connection goes on, and its peer rightly waits.',
  },
];

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
