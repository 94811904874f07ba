import { Observable } from 'rxjs';
import type { Outgoing } from '../../src/reactive/send';

/** Emits once the queue is empty, now if it is, and completes; fails if it never will be. */
export function drained(outgoing: Pick<Outgoing, 'whenDrained'>): Observable<void> {
  return new Observable((subscriber) => {
    outgoing.whenDrained((failure) => {
      if (failure) {
        subscriber.error(failure);
      } else {
        subscriber.next();
        subscriber.complete();
      }
    });
  });
}
