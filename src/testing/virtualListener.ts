import { Observable, type Subscriber } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { checkInstance, checkOptions, invalidType, propertyOf } from '../core/argument';
import { SocketBusyError } from '../core/errors';
import type { Connection } from '../reactive/connection/Connection';
import type { Acceptor } from '../reactive/connection/Life';
import { Queue } from '../reactive/Queue';
import { MarbleConnection } from './MarbleConnection';
import { checkScheduler, parseMarbles } from './parseMarbles';
import type { VirtualConnection } from './virtualConnection';

/**
 * Connections that come in by a diagram, as those of `listen()` and `fromServer()`: a letter is a virtual connection,
 * `|` the listener's end, `#` its error. Whoever comes while nobody is subscribed waits in the backlog. Unsubscribing
 * closes those connections that nobody is subscribed to.
 *
 * The connections' own diagrams begin when they are made, not when they are accepted: so all diagrams of a test line up.
 *
 * @param scheduler within its `run()`
 * @throws TypeError `ERR_INVALID_ARG_*`
 *
 * @example
 * const a = virtualConnection(scheduler, '     ---x|');
 * const b = virtualConnection(scheduler, '     -----y|');
 * const clients$ = virtualListener(scheduler, '-a-b|', { a, b });
 */
export function virtualListener(
  scheduler: TestScheduler,
  marbles: string,
  connections: Readonly<Record<string, VirtualConnection>>,
  error: Error = new Error('The virtual listener failed'),
): Observable<Connection> {
  checkScheduler(scheduler);
  checkOptions('connections', connections);
  checkInstance('error', Error, error);
  const backlog = new Backlog();
  for (const { frame, mark } of parseMarbles('marbles', marbles)) {
    const connection = propertyOf('connections', connections, mark);
    if (connection instanceof MarbleConnection) {
      scheduler.schedule(() => {
        backlog.add(connection);
      }, frame);
    } else if (mark === '|' || mark === '#') {
      scheduler.schedule(() => {
        backlog.end(mark === '#' ? error : null);
      }, frame);
    } else {
      throw invalidType(`connections.${mark}`, 'a virtual connection', connection);
    }
  }
  return new Observable((subscriber) => {
    backlog.serve(subscriber);
  });
}

/** Those who wait to be accepted. */
class Backlog implements Acceptor {
  readonly #waiting = new Queue<MarbleConnection>();
  #accepted: MarbleConnection[] = [];
  #subscriber: Subscriber<Connection> | null = null;
  #holds = 0;
  /** The connection that is being handed over. */
  #emitting: MarbleConnection | null = null;
  /** Undefined while it listens. */
  #reason: Error | null | undefined = undefined;

  add(connection: MarbleConnection): void {
    this.#waiting.push(connection);
    this.#accept();
  }

  end(error: Error | null): void {
    this.#reason = error;
    this.#accept();
  }

  serve(subscriber: Subscriber<Connection>): void {
    if (this.#subscriber) {
      subscriber.error(new SocketBusyError('The listener has a subscriber already'));
      return;
    }
    this.#subscriber = subscriber;
    subscriber.add(() => {
      this.#subscriber = null;
      for (const connection of this.#accepted) {
        if (connection === this.#emitting) connection.handOver();
        else connection.abandon();
      }
      this.#accepted = [];
    });
    this.#accept();
  }

  hold(): void {
    this.#holds++;
  }

  release(): void {
    this.#holds--;
    this.#accept();
  }

  onConnectionClosed(): void {
    // Nothing to do: it has no limit of connections.
  }

  #accept(): void {
    while (this.#subscriber && this.#holds === 0 && this.#waiting.length > 0) {
      const connection = this.#waiting.shift()!;
      connection.accept(this);
      this.#accepted.push(connection);
      this.#emitting = connection;
      this.#subscriber.next(connection);
      this.#emitting = null;
    }
    if (this.#waiting.length > 0) return;
    if (this.#reason) this.#subscriber?.error(this.#reason);
    else if (this.#reason === null) this.#subscriber?.complete();
  }
}
