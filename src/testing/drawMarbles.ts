import type { Marble } from './parseMarbles';

/** Shorter gaps are drawn as dashes: writing ` 20ms ` would take as much room. */
const LONG_GAP = 10;

/**
 * Draws diagrams that share one time line. Those of one moment take more room than that, so what follows them may
 * be drawn later than it was: in all diagrams by as much, so that what was at the same time still is.
 *
 * @param rows the marbles of each diagram, in order
 */
export function drawMarbles(rows: readonly (readonly Marble[])[]): string[] {
  const frames = new Set(rows.flat().map(({ frame }) => frame));
  const drawn = rows.map(() => ({ text: '', end: 0 }));
  let delay = 0;
  for (const frame of [...frames].sort((a, b) => a - b)) {
    const present = rows.map((row) => row.filter((marble) => marble.frame === frame));
    const isFree = drawn.map(({ end }, i) => (present[i]!.length > 0 ? end : 0));
    const start = Math.max(frame + delay, ...isFree);
    delay = start - frame;
    for (const [i, diagram] of drawn.entries()) {
      const marks = present[i]!.map(({ mark }) => mark);
      if (marks.length === 0) continue;
      const group = marks.length > 1 ? `(${marks.join('')})` : marks.join('');
      diagram.text += gap(start - diagram.end) + group;
      diagram.end = start + Array.from(group).length;
    }
  }
  return drawn.map(({ text }) => text.trimStart());
}

function gap(frames: number): string {
  return frames < LONG_GAP ? '-'.repeat(frames) : ` ${frames}ms `;
}
