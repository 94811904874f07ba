import type { Machine } from './machine';
import type { Figure } from './ratios';

/** More wanted to run than this, before the benchmarks did: their figures are not those of the machine. */
const BUSY = 0.5;

/** The figures as Markdown, with where they come from. The plot is to be beside it. */
export function page(figures: readonly Figure[], machine: Machine): string {
  const { name, versions, load, systemCall } = machine;
  const rows = figures.map(({ name: of, ratio, spread, target }) => {
    const range = spread ? `${spread[0].toFixed(3)} to ${spread[1].toFixed(3)}` : '';
    const most = Number.isFinite(target) ? String(Number(target.toFixed(3))) : '';
    return `| ${of} | ${ratio.toFixed(3)} | ${range} | ${most} |`;
  });
  const busy =
    load > BUSY
      ? `\nThe machine was busy (a load of ${load.toFixed(1)} before): **these figures say little**.\n`
      : '';
  return `# Figures

\`npm run bench -- --document\` wrote this page. Each figure is a ratio, the median of rounds in which the contestants took turns;
the spread is that of the rounds.

- ${name}
- ${Object.entries(versions)
    .map(([program, version]) => `${program} ${version}`)
    .join(', ')}
- a call of the system that does nothing: ${systemCall.toFixed(2)} us
${busy}
![The figures](figures.svg)

| what | ratio | spread | at most |
| ---- | ----: | -----: | ------: |
${rows.join('\n')}
`;
}
