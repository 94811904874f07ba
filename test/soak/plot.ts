import type { Sample } from './Sample';

const WIDTH = 800;
const HEIGHT = 150;
const MARGIN = 40;

const CHARTS: readonly (readonly [keyof Sample, string])[] = [
  ['rss', 'resident memory, MiB'],
  ['heap', 'heap and external memory after a collection, MiB'],
  ['descriptors', 'open descriptors'],
  ['delayP99', 'event-loop delay, p99 of each second, ms'],
];

/** The samples as an SVG: one chart for each value, one above the other. */
export function plot(samples: readonly Sample[], title: string): string {
  const charts = CHARTS.map(([key, name], index) => chart(samples, key, name, 50 + index * 190));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH + 2 * MARGIN}" height="${60 + CHARTS.length * 190}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${MARGIN}" y="24" font-size="14">${title}</text>`,
    ...charts,
    '</svg>\n',
  ].join('\n');
}

function chart(samples: readonly Sample[], key: keyof Sample, name: string, top: number): string {
  const most = Math.max(...samples.map((sample) => sample[key]));
  const end = samples.at(-1)!.seconds;
  const points = samples.map((sample) => {
    const x = MARGIN + (sample.seconds / end) * WIDTH;
    const y = top + 20 + HEIGHT * (1 - sample[key] / (most || 1));
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return [
    `<text x="${MARGIN}" y="${top + 12}">${name}: 0 to ${most.toFixed(1)}, in ${(end / 60).toFixed(1)} minutes</text>`,
    `<rect x="${MARGIN}" y="${top + 20}" width="${WIDTH}" height="${HEIGHT}" fill="none" stroke="#999"/>`,
    `<polyline fill="none" stroke="#06c" points="${points.join(' ')}"/>`,
  ].join('\n');
}
