import type { Mark, MarkKind } from '../wire';
import type { Lane } from './Model';
import type { TimeLine } from './TimeLine';

const COLOURS = ['ink', 'faint', 'rule', 'in', 'out', 'bad', 'held'] as const;

export type Colours = Readonly<Record<(typeof COLOURS)[number], string>>;

/** The page's colours, which are those of its style. */
export function coloursNow(): Colours {
  const style = getComputedStyle(document.documentElement);
  const read = COLOURS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]);
  return Object.fromEntries(read) as Colours;
}

/** What is drawn on, in pixels of the page. */
interface Surface {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
}

/** An empty canvas as large as it is shown, and as fine as the screen. */
export function cleared(canvas: HTMLCanvasElement): Surface {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio || 1;
  const [fullWidth, fullHeight] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== fullWidth) canvas.width = fullWidth;
  if (canvas.height !== fullHeight) canvas.height = fullHeight;
  const context = canvas.getContext('2d')!;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** Draws one connection: what comes in above its line, what goes out below. */
export function drawLane(
  { context, width, height }: Surface,
  { row, marks }: Lane,
  line: TimeLine,
  now: number,
  colours: Colours,
): void {
  const middle = height / 2;
  const x = (time: number) => line.x(time, width, now);
  const [first, last] = [marks[0], marks.at(-1)];
  const left = first ? x(first[1]) : 0;
  const right = row.isOpen || !last ? width : x(last[1]);
  context.fillStyle = colours.held;
  drawHolds({ row, marks }, (from, to) => {
    const start = Math.max(0, x(from));
    const end = Math.min(width, x(to));
    if (end >= 0 && start <= width) context.fillRect(start, 0, Math.max(1, end - start), middle);
  });
  context.fillStyle = colours.faint;
  context.fillRect(
    Math.max(0, left),
    middle - 0.5,
    Math.max(0, Math.min(width, right) - Math.max(0, left)),
    1,
  );
  for (const mark of marks) {
    const at = x(mark[1]);
    if (at > -20 && at < width + 20) drawMark(context, mark, at, { middle, colours });
  }
}

/** Shades the stretches in which reading was held back, above the line. */
function drawHolds({ row, marks }: Lane, shade: (from: number, to: number) => void): void {
  for (const [, time, kind, lasted] of marks) if (kind === 'held') shade(time, time + lasted);
  if (row.heldAt !== null) shade(row.heldAt, Infinity);
}

function drawMark(
  context: CanvasRenderingContext2D,
  [, , kind, bytes, queuedBytes]: Mark,
  x: number,
  { middle, colours }: { middle: number; colours: Colours },
): void {
  const isIn = kind === 'in' || kind === 'peerEnd' || kind === 'peerReset';
  const y = isIn ? middle / 2 : middle * 1.5;
  context.fillStyle = context.strokeStyle = colourOf(kind, colours);
  context.lineWidth = 1.5;
  context.setLineDash([]);
  context.beginPath();
  switch (kind) {
    case 'in':
    case 'out':
      context.arc(x, y, radiusOf(bytes), 0, 7);
      context.fill();
      if (kind === 'out' && queuedBytes > bytes) drawQueue(context, x, y, radiusOf(queuedBytes));
      break;
    case 'open':
      context.arc(x, middle, 4, 0, 7);
      context.stroke();
      break;
    case 'peerEnd':
    case 'ownEnd':
      context.fillRect(x - 1, y - 8, 2, 16);
      break;
    case 'close':
      context.fillRect(x - 1, middle - 12, 2, 24);
      break;
    case 'peerReset':
    case 'ownReset':
    case 'fail':
      drawCross(context, x, kind === 'fail' ? middle : y);
      break;
    case 'held':
      break; // shaded as a stretch
  }
}

/** A dashed edge around a chunk that went into a queue where others wait. */
function drawQueue(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.setLineDash([2, 2]);
  context.beginPath();
  context.arc(x, y, radius + 2, 0, 7);
  context.stroke();
}

function drawCross(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.moveTo(x - 5, y - 5);
  context.lineTo(x + 5, y + 5);
  context.moveTo(x + 5, y - 5);
  context.lineTo(x - 5, y + 5);
  context.stroke();
}

/** From 2 for a byte to 9 for a megabyte and more. */
function radiusOf(bytes: number): number {
  return Math.min(9, 2 + 1.2 * Math.log10(Math.max(1, bytes)));
}

function colourOf(kind: MarkKind, colours: Colours): string {
  if (kind === 'in' || kind === 'peerEnd') return colours.in;
  if (kind === 'out' || kind === 'ownEnd') return colours.out;
  return kind === 'open' || kind === 'close' ? colours.ink : colours.bad;
}

/** Draws the seconds before the present. */
export function drawAxis(
  { context, width, height }: Surface,
  line: TimeLine,
  now: number,
  colours: Colours,
): void {
  const step = line.span / (width < 500 ? 5 : 10);
  context.fillStyle = colours.faint;
  context.font = '11px system-ui, sans-serif';
  context.textAlign = 'center';
  const behind = now - line.end(now);
  for (let before = Math.ceil(behind / step) * step; before < behind + line.span; before += step) {
    const x = line.x(now - before, width, now);
    context.fillRect(x, height - 4, 1, 4);
    if (x > 20 && x < width - 20)
      context.fillText(`-${(before / 1000).toFixed(1)} s`, x, height - 7);
  }
}
