import type { Curve } from '../../bench/Curve';
import { curvePlot } from '../../bench/curvePlot';
import { page } from '../../bench/page';
import { ratioPlot } from '../../bench/ratioPlot';
import { compared, type Figure } from '../../bench/ratios';

const figures: Figure[] = [
  { name: 'round trip: bipoll / C', target: 1.15, ...compared([2, 3, 4], [2, 2, 2]) },
  { name: 'poll', ratio: 600, target: Infinity },
];
const curve: Curve = {
  name: 'size',
  title: 'A message against its size',
  unit: 'microseconds',
  places: ['64 B', '1 KiB'],
  lines: { c: [2, 3], bipoll: [4, 4.5], 'a & b < c': [3, 4.4] },
};
const machine = {
  name: '2 x a processor',
  versions: { 'Node.js': 'v20.0.0' },
  load: 0,
  systemCall: 0.125,
};

test('a figure is the median of the ratios within each round, with the lowest and the highest', () => {
  expect(compared([2, 3, 4], [2, 2, 2])).toEqual({ ratio: 1.5, spread: [1, 2] });
});

test('the page has the machine, the versions, and each figure with its spread', () => {
  const text = page(figures, [curve], machine);
  expect(text).toContain('2 x a processor');
  expect(text).toContain('Node.js v20.0.0');
  expect(text).toContain('a call of the system that does nothing: 0.13 us');
  expect(text).toContain('| round trip: bipoll / C | 1.500 | 1.000 to 2.000 | 1.15 |');
  expect(text).toContain('| poll | 600.000 |  |  |');
  expect(text).toContain('![A message against its size](figures/size.svg)');
  expect(text).toContain('| bipoll | 4.00 | 4.50 |');
  expect(text).not.toContain('busy');
});

test('figures of a busy machine are said to say little', () => {
  expect(page(figures, [curve], { ...machine, load: 3 })).toContain('these figures say little');
});

test('the plot has a bar for each figure, and leaves no number out of the picture', () => {
  const svg = ratioPlot(figures);
  expect(svg.match(/fill="#60a5fa"/g)).toHaveLength(2);
  expect(svg).not.toMatch(/NaN|Infinity/);
});

test('the plot of a curve has a line and a name for each contestant, and no name is upon another', () => {
  const svg = curvePlot(curve);
  expect(svg.match(/<polyline points="[\d., ]+"/g)).toHaveLength(3);
  expect(svg).not.toMatch(/NaN|Infinity/);
  expect(svg).toContain('a &amp; b &lt; c</text>');
  const heights = [...svg.matchAll(/y="([\d.]+)" fill="#[^4]\w+">/g)].map(([, y]) => Number(y));
  heights.sort((a, b) => a - b);
  expect(heights).toHaveLength(3);
  for (const [index, height] of heights.slice(1).entries()) {
    expect(height - heights[index]!).toBeGreaterThanOrEqual(12);
  }
});
