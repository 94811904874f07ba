import type { Curve } from './Curve';
import type { Machine } from './machine';
import type { Figure } from './ratios';

/** More wanted to run than this, before the benchmarks did: their figures are not those of the machine. */
const BUSY = 0.5;

/** The folder beside the page with the plots: `ratios.svg`, and one of the name of each curve. */
export const PLOTS = 'figures';

/** The figures as Markdown, with where they come from. */
export function page(
  figures: readonly Figure[],
  curves: readonly Curve[],
  machine: Machine,
): string {
  const { name, versions, load, systemCall } = machine;
  const busy =
    load > BUSY
      ? `\nThe machine was busy (a load of ${load.toFixed(1)} before): **these figures say little**.\n`
      : '';
  return `# Figures

\`npm run bench -- --document\` wrote this page. Contestants take turns. A value is the median of its rounds, a ratio that of the
ratios within each round; the spread is that of the rounds.

- ${name}
- ${Object.entries(versions)
    .map(([program, version]) => `${program} ${version}`)
    .join(', ')}
- a call of the system that does nothing: ${systemCall.toFixed(2)} us
${busy}
${curves.map(curveSection).join('\n')}
## Ratios

![The ratios](${PLOTS}/ratios.svg)

| what | ratio | spread | at most |
| ---- | ----: | -----: | ------: |
${figures.map(figureRow).join('\n')}
`;
}

function curveSection({ name, title, unit, places, lines }: Curve): string {
  const rows = Object.entries(lines).map(
    ([contestant, values]) =>
      `| ${contestant} | ${values.map((value) => value.toFixed(2)).join(' | ')} |`,
  );
  return `## ${title}

![${title}](${PLOTS}/${name}.svg)

| ${unit} | ${places.join(' | ')} |
| ---- |${' ----: |'.repeat(places.length)}
${rows.join('\n')}
`;
}

function figureRow({ name, ratio, spread, target }: Figure): string {
  const range = spread ? `${spread[0].toFixed(3)} to ${spread[1].toFixed(3)}` : '';
  const most = Number.isFinite(target) ? String(Number(target.toFixed(3))) : '';
  return `| ${name} | ${ratio.toFixed(3)} | ${range} | ${most} |`;
}
