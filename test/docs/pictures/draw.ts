import { TestScheduler } from 'rxjs/testing';
import type { Events, Operator, Picture, Row, Stretches } from './Picture';

const LABELS = 170;
const COLUMN = 34;
const HEIGHT = 52;
const FONT = 'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13"';
const INK = '#1f2937';
const FAINT = '#9ca3af';
const COLORS = ['#bfdbfe', '#fde68a', '#bbf7d0', '#fbcfe8', '#ddd6fe', '#fed7aa'];

/** What happens at one moment of a row. */
interface Moment {
  /** In milliseconds. */
  readonly frame: number;
  readonly marks: string[];
  ends: boolean;
  fails: boolean;
}

/** Draws the rows of a picture as SVG. The same picture gives the same text. */
export function draw(picture: Picture): string {
  // Within `run()`, where a column of a diagram is a millisecond.
  return new TestScheduler(() => undefined).run(() => svgOf(picture));
}

function svgOf({ title, rows }: Picture): string {
  const all = Object.values(rows);
  const last = Math.max(...all.map(lastFrame)) + 1;
  const width = LABELS + (last + 1) * COLUMN;
  const height = all.length * HEIGHT + 12;
  const drawn = all.map((row, index) => drawRow(row, index * HEIGHT + HEIGHT / 2 + 6, last));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#ffffff" stroke="${FAINT}"/>`,
    ...drawn.flat(),
    '</svg>',
    '',
  ].join('\n');
}

function drawRow(row: Row, y: number, last: number): string[] {
  if ('operator' in row) return drawOperator(row, y, last);
  const label = `<text x="12" y="${y + 4}" ${FONT} fill="${INK}">${escaped(row.says)}</text>`;
  return [label, ...('marbles' in row ? drawEvents(row, y, last) : drawStretches(row, y))];
}

function drawOperator({ operator }: Operator, y: number, last: number): string[] {
  const width = LABELS + last * COLUMN;
  return [
    `<rect x="12" y="${y - 17}" width="${width}" height="34" rx="6" fill="#f3f4f6" stroke="${FAINT}"/>`,
    `<text x="${12 + width / 2}" y="${y + 4}" text-anchor="middle" ${FONT} fill="${INK}">${escaped(operator)}</text>`,
  ];
}

function drawEvents(row: Events, y: number, last: number): string[] {
  const moments = momentsOf(row);
  const over = moments.find(({ ends, fails }) => ends || fails)?.frame ?? last;
  return [
    `<line x1="${xOf(0)}" y1="${y}" x2="${xOf(over)}" y2="${y}" stroke="${INK}"/>`,
    ...moments.flatMap((moment) => drawMoment(moment, row, y)),
  ];
}

function drawMoment({ frame, marks, ends, fails }: Moment, { shows }: Events, y: number): string[] {
  const x = xOf(frame);
  const drawn: string[] = [];
  if (ends) {
    drawn.push(
      `<line x1="${x}" y1="${y - 15}" x2="${x}" y2="${y + 15}" stroke="${INK}" stroke-width="2"/>`,
    );
  }
  if (fails) {
    drawn.push(
      `<path d="M${x - 8} ${y - 8}l16 16m0 -16l-16 16" stroke="#b91c1c" stroke-width="2"/>`,
    );
  }
  if (marks.length > 0) {
    const text = marks.map((mark) => shows?.[mark] ?? mark).join(' ');
    const width = Math.max(24, text.length * 8 + 10);
    const color = COLORS[marks[0]!.charCodeAt(0) % COLORS.length]!;
    drawn.push(
      `<rect x="${x - width / 2}" y="${y - 12}" width="${width}" height="24" rx="12" fill="${color}" stroke="${INK}"/>`,
      `<text x="${x}" y="${y + 4}" text-anchor="middle" ${FONT} fill="${INK}">${escaped(text)}</text>`,
    );
  }
  return drawn;
}

function drawStretches({ stretches }: Stretches, y: number): string[] {
  return stretches.map((stretch) => {
    const { from, to } = stretchOf(stretch);
    const width = Math.max(4, (to - from) * COLUMN); // a moment is still seen
    return `<rect x="${xOf(from)}" y="${y - 5}" width="${width}" height="10" rx="2" fill="#60a5fa"/>`;
  });
}

function momentsOf({ marbles }: Events): Moment[] {
  const moments = new Map<number, Moment>();
  const parsed = TestScheduler.parseMarbles(marbles, undefined, undefined, false, true);
  for (const { frame, notification } of parsed) {
    const moment = moments.get(frame) ?? { frame, marks: [], ends: false, fails: false };
    moments.set(frame, moment);
    if (notification.kind === 'N') moment.marks.push(notification.value as string);
    else if (notification.kind === 'C') moment.ends = true;
    else moment.fails = true;
  }
  return [...moments.values()];
}

function stretchOf(stretch: string): { from: number; to: number } {
  const { subscribedFrame, unsubscribedFrame } = TestScheduler.parseMarblesAsSubscriptions(
    stretch,
    true,
  );
  return { from: subscribedFrame, to: unsubscribedFrame };
}

function lastFrame(row: Row): number {
  if ('operator' in row) return 0;
  if ('marbles' in row) return Math.max(0, ...momentsOf(row).map(({ frame }) => frame));
  return Math.max(0, ...row.stretches.map((stretch) => stretchOf(stretch).to));
}

function xOf(frame: number): number {
  return LABELS + frame * COLUMN + COLUMN / 2;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
