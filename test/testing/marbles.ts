import { catchError, type MonoTypeOperatorFunction, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

/** A scheduler whose expectations are Jest's. */
export function marbleScheduler(): TestScheduler {
  return new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected);
  });
}

/** The letters of a diagram as chunks: each is itself, unless said otherwise. */
export function chunks(
  letters: string,
  texts: Record<string, string> = {},
): Record<string, Buffer> {
  return Object.fromEntries(
    Array.from(letters, (mark) => [mark, Buffer.from(texts[mark] ?? mark)]),
  );
}

/** Replaces an error by its code, for diagrams. */
export function failingWithCode<T>(): MonoTypeOperatorFunction<T> {
  return catchError((error: unknown) => throwError(() => codeOf(error)));
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : error;
}
