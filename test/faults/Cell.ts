import type { Fault } from './Fault';
import { explanationOf } from './explanations';
import { faultsOf } from './matrix';
import { isGood, type Outcome } from './outcome';
import type { Player } from './Player';
import { nameOf, type Scenario } from './scenarios';

/** One fault in one scenario, and what became of it. */
export interface Cell {
  readonly family: string;
  readonly scenario: string;
  readonly fault: Fault;
  readonly outcome: Outcome;
  /** Why it is as it should be, though its verdict is not good; null: it is good, or a mistake. */
  readonly explanation: string | null;
}

/** Milliseconds for what takes one or two. */
const PATIENCE = 2000;
/** The same for a cell that is played again because it looks bad: the machine may have been busy. */
const LONG_PATIENCE = 6000;

/** Plays all cells of a scenario, a bad one once more in a process of its own. */
export async function cellsOf(
  player: Player,
  scenario: Scenario,
  positions: number,
): Promise<Cell[]> {
  const name = nameOf(scenario);
  const { outcome, calls } = await player.play({ scenario: name, fault: null, patience: PATIENCE });
  if (outcome.verdict !== 'continued') {
    throw new Error(`${name} fails without any fault: ${outcome.verdict} ${outcome.detail}`);
  }
  const cells: Cell[] = [];
  for (const fault of faultsOf(calls, positions)) {
    cells.push({
      family: scenario.family,
      scenario: name,
      fault,
      ...(await found(player, name, fault)),
    });
  }
  return cells;
}

type Found = Pick<Cell, 'outcome' | 'explanation'>;

async function found(player: Player, scenario: string, fault: Fault): Promise<Found> {
  const first = await foundWithin(PATIENCE, player, scenario, fault);
  const isSettled = isGood(first.outcome) || first.explanation !== null;
  return isSettled ? first : foundWithin(LONG_PATIENCE, player, scenario, fault);
}

async function foundWithin(
  patience: number,
  player: Player,
  scenario: string,
  fault: Fault,
): Promise<Found> {
  const { outcome } = await player.play({ scenario, fault, patience });
  if (isGood(outcome)) return { outcome, explanation: null };
  player.stop(); // something of it may be left in the process
  return { outcome, explanation: explanationOf(scenario, fault, outcome) };
}

/** What must not be: neither a good outcome nor one that is explained. */
export function isMistake({ outcome, explanation }: Cell): boolean {
  return !isGood(outcome) && explanation === null;
}
