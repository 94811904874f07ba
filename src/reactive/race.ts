import { Observable, type SchedulerLike, type Subscription } from 'rxjs';
import { ATTEMPT_DELAY } from '../core/addresses';
import { errorOfAll } from '../core/errors';
import { after } from './timer';

/**
 * Races several attempts (Happy Eyeballs, RFC 8305): the next one starts when the last one has failed, or has not
 * succeeded within 250 ms. The first to succeed wins, and the others are unsubscribed from. If all fail, so does this,
 * with the errors of all: see `errorOfAll`.
 *
 * @param attempts at least one
 */
export function race<T>(
  attempts: readonly Observable<T>[],
  scheduler: SchedulerLike,
): Observable<T> {
  return new Observable((subscriber) => {
    const waiting = [...attempts];
    const errors: Error[] = [];
    let running = 0;
    let timer: Subscription | undefined;
    const startNext = () => {
      timer?.unsubscribe();
      const attempt = waiting.shift();
      if (!attempt) return;
      running++;
      if (waiting.length > 0) {
        timer = after(scheduler, ATTEMPT_DELAY, startNext);
        subscriber.add(timer);
      }
      subscriber.add(
        attempt.subscribe({
          next(value) {
            subscriber.next(value);
            subscriber.complete();
          },
          error(error: Error) {
            errors.push(error);
            running--;
            if (waiting.length > 0) startNext();
            else if (running === 0) subscriber.error(errorOfAll(errors));
          },
        }),
      );
    };
    startNext();
  });
}
