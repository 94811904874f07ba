import { filter, Observable, type OperatorFunction, scan, tap } from 'rxjs';
import type { Connection } from 'bipoll/reactive';
import type { Tally } from './Tally';

/** What is asked, and how one tells that the answer is whole. */
export interface Exchange {
  readonly request: Buffer;
  /** Emits once for each answer. */
  readonly answers: OperatorFunction<Buffer, unknown>;
}

/** The answers of an echo: as many bytes as were sent. */
export function echoed(size: number): OperatorFunction<Buffer, unknown> {
  return (data$) =>
    data$.pipe(
      scan((had, { length }) => (had % size) + length, 0),
      filter((had) => had >= size),
    );
}

/**
 * Asks again and again, each time when the answer is there. Completes when it may not ask any more, and fails if the server
 * ends before.
 *
 * @param mayAsk is called before each request
 */
export function roundTrips(
  connection: Connection,
  { request, answers }: Exchange,
  tally: Tally,
  mayAsk: () => boolean,
): Observable<never> {
  return new Observable((subscriber) => {
    let asked = 0;
    const ask = () => {
      if (!mayAsk()) {
        subscriber.complete();
        return;
      }
      asked = performance.now();
      connection.write(request);
      tally.bytesSent += request.length;
    };
    subscriber.add(
      connection.data$
        .pipe(
          tap(({ length }) => {
            tally.bytesReceived += length;
          }),
          answers,
        )
        .subscribe({
          next() {
            tally.onAnswer(performance.now() - asked);
            ask();
          },
          error(error: unknown) {
            subscriber.error(error);
          },
          complete() {
            subscriber.error(new Error('The server ended a connection'));
          },
        }),
    );
    ask();
  });
}
