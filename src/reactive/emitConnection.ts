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
  let isEmitting = true;
  /** Of a connection that an operator behind this one closes before it passes it on: that must get through first. */
  let outcome: Error | null | undefined;
  const end = (error: Error | null) => {
    if (error) subscriber.error(error);
    else subscriber.complete();
  };
  subscriber.add(
    connection.closed$.subscribe((error) => {
      if (isEmitting) outcome = error;
      else end(error);
    }),
  );
  subscriber.add(() => {
    if (isEmitting) connection.handOver();
    else connection.windUp();
  });
  subscriber.next(connection);
  isEmitting = false;
  if (outcome !== undefined) end(outcome);
}
