import { Observable } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { drawMarbles } from './drawMarbles';
import { Letters } from './Letters';
import type { Marble } from './parseMarbles';

/** One side of a comparison. A failed assertion prints it, so it holds text where it can. */
interface Diagram {
  /** Drawn over the time line of both sides, so that simultaneous events stand in the same column. */
  marbles: string;
  /** What the letters of this side mean, in one line each. */
  values: Record<string, string>;
  /** What `#` is. */
  error?: unknown;
}

/**
 * Expects of chunks, by the end of the test, the diagram. The scheduler's own assertion compares the two diagrams as
 * texts, so whatever prints its failures prints one diagram above the other.
 *
 * @param chunkOf the chunk that a letter of the diagram stands for
 * @param error what `#` is
 */
export function expectDiagram(
  scheduler: TestScheduler,
  chunks$: Observable<Buffer>,
  diagram: readonly Marble[],
  chunkOf: (mark: string) => Buffer,
  error: Error,
): void {
  const letters = new Letters();
  const happened: Marble[] = [];
  const expectedMarbles = diagram.map(({ frame, mark }) => {
    const isChunk = mark !== '|' && mark !== '#';
    return { frame, mark: isChunk ? letters.letterOf(chunkOf(mark), mark) : mark };
  });
  const actual: Diagram = { marbles: '', values: {} };
  const expected: Diagram = { marbles: '', values: {} };
  if (diagram.some(({ mark }) => mark === '#')) expected.error = error;
  const draw = (): void => {
    const [above = '', below = ''] = drawMarbles([happened, expectedMarbles]);
    const values = letters.table(hexOf);
    Object.assign(actual, { marbles: above, values: valuesOf(happened, values) });
    Object.assign(expected, { marbles: below, values: valuesOf(expectedMarbles, values) });
  };
  const add = (mark: string): void => {
    happened.push({ frame: scheduler.now(), mark });
    draw();
  };
  draw();
  // Both sides emit an object at once, and fill it in later: TestScheduler compares them when the test is over.
  const actual$ = new Observable<Diagram>((subscriber) => {
    subscriber.next(actual);
    subscriber.add(
      chunks$.subscribe({
        next: (bytes) => {
          add(letters.letterOf(bytes));
        },
        error: (cause: unknown) => {
          actual.error = cause;
          add('#');
        },
        complete: () => {
          add('|');
        },
      }),
    );
  });
  scheduler.expectObservable(actual$).toEqual(
    new Observable((subscriber) => {
      subscriber.next(expected);
    }),
  );
}

function valuesOf(
  marbles: readonly Marble[],
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const known = marbles.filter(({ mark }) => Object.hasOwn(values, mark));
  return Object.fromEntries(known.map(({ mark }) => [mark, inOneLine(values[mark]!)]));
}

function inOneLine(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** `<00 ff>`: bytes that are no text. */
function hexOf(bytes: Buffer): string {
  return `<${bytes.toString('hex').replace(/..(?=.)/g, '$& ')}>`;
}
