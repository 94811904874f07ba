import type { Curve } from './Curve';
import { escaped, picture } from './markup';

const LEFT = 70;
const TOP = 50;
const WIDTH = 480;
const HEIGHT = 260;
const NAMES = 220;
const LEAST_DISTANCE = 15; // of names
const COLORS = [
  '#1f2937',
  '#9ca3af',
  '#a16207',
  '#2563eb',
  '#7c3aed',
  '#db2777',
  '#059669',
  '#dc2626',
  '#f97316',
];

/** A curve as SVG: a line for each contestant, with its name at the end; the scale of the values is logarithmic. */
export function curvePlot({ title, unit, places, lines }: Curve): string {
  const values = Object.values(lines).flat();
  const least = Math.floor(Math.log2(Math.min(...values)));
  const most = Math.ceil(Math.log2(Math.max(...values)));
  const yOf = (value: number) =>
    TOP + HEIGHT - (HEIGHT * (Math.log2(value) - least)) / Math.max(1, most - least);
  const xOf = (index: number) => LEFT + (WIDTH * index) / Math.max(1, places.length - 1);
  const names = Object.keys(lines);
  const ends = spaced(names.map((name) => yOf(lines[name]!.at(-1)!)));
  return picture(LEFT + WIDTH + NAMES, TOP + HEIGHT + 40, [
    `<text x="10" y="22" font-size="14">${escaped(title)}</text>`,
    `<text x="10" y="40" fill="#4b5563">${escaped(unit)}</text>`,
    ...scale(least, most, yOf),
    ...places.map(
      (place, index) =>
        `<text x="${xOf(index).toFixed(1)}" y="${TOP + HEIGHT + 22}" text-anchor="middle">${escaped(place)}</text>`,
    ),
    ...names.flatMap((name, index) => {
      const color = COLORS[index % COLORS.length]!;
      const points = lines[name]!.map(
        (value, place) => `${xOf(place).toFixed(1)},${yOf(value).toFixed(1)}`,
      );
      return [
        `<polyline points="${points.join(' ')}" fill="none" stroke="${color}" stroke-width="${name.startsWith('bipoll') ? 3 : 1.5}"/>`,
        `<text x="${LEFT + WIDTH + 8}" y="${(ends[index]! + 4).toFixed(1)}" fill="${color}">${escaped(name)}</text>`,
      ];
    }),
  ]);
}

/** A line for each power of two. */
function scale(least: number, most: number, yOf: (value: number) => number): string[] {
  const powers = Array.from({ length: most - least + 1 }, (_, index) => 2 ** (least + index));
  return powers.flatMap((value) => {
    const y = yOf(value).toFixed(1);
    return [
      `<line x1="${LEFT}" y1="${y}" x2="${LEFT + WIDTH}" y2="${y}" stroke="#e5e7eb"/>`,
      `<text x="${LEFT - 8}" y="${(Number(y) + 4).toFixed(1)}" text-anchor="end" fill="#4b5563">${value}</text>`,
    ];
  });
}

/** Heights near these, so far from each other that text at them can be read. */
function spaced(heights: readonly number[]): number[] {
  const order = heights.map((_, index) => index).sort((a, b) => heights[a]! - heights[b]!);
  const moved = [...heights];
  let next = -Infinity;
  for (const index of order) {
    moved[index] = Math.max(heights[index]!, next);
    next = moved[index] + LEAST_DISTANCE;
  }
  return moved;
}
