import { type Cell, isMistake } from './Cell';
import { nameOf } from './Fault';
import { isGood, VERDICTS } from './outcome';

function countsOf(cells: readonly Cell[]): string {
  const counts = VERDICTS.map((verdict) => {
    const count = cells.filter(({ outcome }) => outcome.verdict === verdict).length;
    return count > 0 ? `${verdict} ${count}` : '';
  });
  return counts.filter(Boolean).join(', ');
}

/** One line for a scenario, and one for each mistake in it. */
export function summary(name: string, cells: readonly Cell[]): string {
  const reached = cells.filter(({ outcome }) => outcome.faults > 0).length;
  const lines = cells.filter((cell) => !isGood(cell.outcome)).map(lineOf);
  return [`${name}: ${cells.length} faults, ${reached} reached: ${countsOf(cells)}`, ...lines].join(
    '\n',
  );
}

function lineOf(cell: Cell): string {
  const { outcome, fault } = cell;
  const isExplained = isMistake(cell) ? '' : ' (explained)';
  return `  ${nameOf(fault)}: ${outcome.verdict}${isExplained}: ${outcome.detail}`;
}

/** What .ci/count-tests.mjs reads: a cell whose fault was not reached has shown nothing, and is no test. */
export function jestReport(cells: readonly Cell[]): object {
  const failed = cells.filter(isMistake).length;
  const reached = cells.filter(({ outcome }) => outcome.faults > 0);
  const passed = reached.filter((cell) => !isMistake(cell)).length;
  return { numPassedTests: passed, numFailedTests: failed, numRuntimeErrorTestSuites: 0 };
}
