import { filter, Observable, type OperatorFunction, scan, tap, timer } from 'rxjs';
import type { Connection } from 'bipoll/reactive';
import type { Pace } from './Pace';
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
 * Asks again and again, each time when the answer is there and the next request is due. Completes when there is none any
 * more, and fails if the server ends before.
 */
export function roundTrips(
  connection: Connection,
  { request, answers }: Exchange,
  tally: Tally,
  pace: Pace,
): Observable<never> {
  return new Observable((subscriber) => {
    let due = 0;
    const ask = () => {
      connection.write(request);
      tally.bytesSent += request.length;
    };
    const askWhenDue = () => {
      const now = performance.now();
      const next = pace.next(now);
      if (next === null) {
        subscriber.complete();
        return;
      }
      due = next;
      if (due <= now) ask();
      else subscriber.add(timer(due - now).subscribe(ask));
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
            tally.onAnswer(performance.now() - due);
            askWhenDue();
          },
          error(error: unknown) {
            subscriber.error(error);
          },
          complete() {
            subscriber.error(new Error('The server ended a connection'));
          },
        }),
    );
    askWhenDue();
  });
}
