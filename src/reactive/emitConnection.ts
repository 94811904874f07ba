import type { Subscriber } from 'rxjs';
import type { Connection } from './connection/Connection';
import type { StreamConnection } from './connection/StreamConnection';

/**
 * Emits the one connection of `connect`, and ends as it does. Unsubscribing while it is being emitted hands it over;
 * unsubscribing later closes it, once what it has queued is sent.
 */
export function emitConnection(
  connection: StreamConnection,
  subscriber: Subscriber<Connection>,
): void {
  subscriber.add(
    connection.closed$.subscribe((error) => {
      if (error) subscriber.error(error);
      else subscriber.complete();
    }),
  );
  let isEmitting = true;
  subscriber.add(() => {
    if (isEmitting) connection.handOver();
    else connection.windUp();
  });
  subscriber.next(connection);
  isEmitting = false;
}
