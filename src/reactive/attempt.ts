import { Observable } from 'rxjs';
import { socketError } from '../core/errors';
import type { StreamSocket } from '../core/StreamSocket';
import type { EventLoop } from './EventLoop';
import { Demand, RecordKind } from './records';
import type { Watcher } from './Watch';

/**
 * One attempt to connect. Emits the stream once it is connected, whose it is then; unsubscribing before that closes
 * it.
 */
export function attempt<Stream extends StreamSocket>(
  begin: () => Stream,
  loop: EventLoop,
): Observable<Stream> {
  return new Observable((subscriber) => {
    const stream = begin();
    let isOurs = true;
    const watcher: Watcher = {
      onBytes() {
        // None are wanted.
      },
      onRecord(kind, failure) {
        if (kind !== RecordKind.Outcome) return;
        if (failure < 0) {
          subscriber.error(socketError(failure, 'connect', stream.where));
          return;
        }
        isOurs = false;
        watch.close();
        subscriber.next(stream);
        subscriber.complete();
      },
    };
    const watch = loop.add(stream.token, watcher);
    loop.hold();
    subscriber.add(() => {
      loop.release();
      watch.close();
      if (isOurs) stream.close();
    });
    watch.want(Demand.Outcome);
  });
}
