import { escaped, picture } from './markup';
import type { Figure } from './ratios';

const NAMES = 560;
const PLOT = 380;
const ROW = 26;
const TOP = 40;

/** The figures as SVG: a bar for each ratio, on a logarithmic scale, a whisker for its spread, and a mark for the most it may be. */
export function ratioPlot(figures: readonly Figure[]): string {
  const values = figures.flatMap(({ ratio, target, spread = [] }) => [ratio, target, ...spread, 1]);
  const finite = values.filter((value) => value > 0 && Number.isFinite(value)).map(Math.log2);
  const [least, most] = [Math.min(0, ...finite) - 0.5, Math.max(0, ...finite) + 0.5];
  const xOf = (ratio: number) =>
    (NAMES + (PLOT * (Math.log2(ratio) - least)) / (most - least)).toFixed(1);
  const height = TOP + figures.length * ROW + 10;
  const lines = figures.flatMap((figure, index) => row(figure, TOP + index * ROW, xOf));
  return picture(NAMES + PLOT + 20, height, [
    `<text x="10" y="22" font-size="14">The time, or memory, of one over that of the other; the line is where they are equal</text>`,
    `<line x1="${xOf(1)}" y1="${TOP - 6}" x2="${xOf(1)}" y2="${height}" stroke="#1f2937"/>`,
    ...lines,
  ]);
}

function row(
  { name, ratio, target, spread }: Figure,
  y: number,
  xOf: (ratio: number) => string,
): string[] {
  const [from, to] = [xOf(Math.min(1, ratio)), xOf(Math.max(1, ratio))];
  const middle = y + ROW / 2;
  const drawn = [
    `<text x="10" y="${middle + 4}">${escaped(name)}</text>`,
    `<rect x="${from}" y="${y + 5}" width="${(Number(to) - Number(from)).toFixed(1)}" height="${ROW - 10}" fill="#60a5fa"/>`,
  ];
  if (spread) {
    drawn.push(
      `<line x1="${xOf(spread[0])}" y1="${middle}" x2="${xOf(spread[1])}" y2="${middle}" stroke="#1f2937" stroke-width="2"/>`,
    );
  }
  if (Number.isFinite(target)) {
    const x = xOf(target);
    drawn.push(`<line x1="${x}" y1="${y + 2}" x2="${x}" y2="${y + ROW - 2}" stroke="#b91c1c"/>`);
  }
  return drawn;
}
