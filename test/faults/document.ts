import { format, resolveConfig } from 'prettier';
import { type Cell, isMistake } from './Cell';
import { isGood } from './outcome';

const INTRODUCTION = `# When the system fails

\`npm run test:faults\` plays conversations over each transport, backend and loop driver, once for each plausible
fault of each system call that the addon makes in them: the errors of its manual page, a transfer of one byte, a delay, and
errors that last for a while. Afterwards either all bytes have arrived, or somebody was told by an error with a \`code\`. Nothing
hangs, spins, crashes, loses bytes or leaks a descriptor, and a fault with one client does not end a service.

\`.ci/run faults\` plays the first position of each call alone. This file is written by the longer run.`;

const RESULTS = `"Went on": all went as without the fault. "Error": an error told of it. "Explained": neither, for one of
the reasons below. A fault is not reached where its call was made less often than without it.`;

/** The rows of a table: one for each call, in the order of their names. */
function rowsOf(cells: readonly Cell[]): string[] {
  const calls = [...new Set(cells.map(({ fault }) => fault.call))].sort();
  return calls.map((call) =>
    rowOf(
      `\`${call}\``,
      cells.filter(({ fault }) => fault.call === call),
    ),
  );
}

function rowOf(name: string, cells: readonly Cell[]): string {
  const reached = cells.filter(({ outcome }) => outcome.faults > 0);
  const count = (holds: (cell: Cell) => boolean) => reached.filter(holds).length;
  const counts = [
    cells.length,
    reached.length,
    count(({ outcome }) => outcome.verdict === 'continued'),
    count(({ outcome }) => outcome.verdict === 'error'),
    count((cell) => !isGood(cell.outcome) && !isMistake(cell)),
    cells.filter(isMistake).length,
  ];
  return `| ${name} | ${counts.join(' | ')} |`;
}

function reasonsOf(cells: readonly Cell[]): string[] {
  const lines = cells
    .filter(({ explanation }) => explanation !== null)
    .map(
      ({ fault, family, explanation }) =>
        `- \`${fault.call}\`, ${fault.how}, ${family}: ${explanation}`,
    );
  return [...new Set(lines)].sort();
}

/** What docs/faults.md says of a run. */
export async function documentOf(cells: readonly Cell[]): Promise<string> {
  const text = [
    INTRODUCTION,
    '## What became of them',
    RESULTS,
    [
      '| call | faults | reached | went on | error | explained | mistakes |',
      '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
      ...rowsOf(cells),
      rowOf('all', cells),
    ].join('\n'),
    '## Explanations',
    reasonsOf(cells).join('\n'),
  ].join('\n\n');
  const config = await resolveConfig(__filename);
  return format(text, { ...config, parser: 'markdown' });
}
