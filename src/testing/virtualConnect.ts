import { Observable } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import {
  checkArray,
  checkInstance,
  checkOptions,
  invalidType,
  invalidValue,
  propertyOf,
} from '../core/argument';
import { errorOfCode } from '../core/errors';
import type { Connection } from '../reactive/connection/Connection';
import { emitConnection } from '../reactive/emitConnection';
import { MarbleConnection } from './MarbleConnection';
import { checkScheduler, parseMarbles } from './parseMarbles';
import type { VirtualConnection } from './virtualConnection';

/**
 * Connects in virtual time, as `connect()`: each subscription is an attempt, and the next diagram says what becomes of it.
 * A letter is the virtual connection it is answered with, `#` its failure; without either, and when the diagrams are used
 * up, it goes on connecting until it is unsubscribed. The connection completes or fails it, as a real one does.
 *
 * An attempt's diagram begins when it is subscribed. Those of the connections begin when they are made, so that they line
 * up with the other diagrams of the test.
 *
 * @param scheduler within its `run()`
 * @param attempts a diagram for each attempt, in order, with at most one letter or `#`
 * @param connections what the letters stand for
 * @param error what `#` is; a `SocketError` `ECONNREFUSED` by default
 * @throws TypeError `ERR_INVALID_ARG_*`
 *
 * @example
 * const a = virtualConnection(scheduler, '     ------x|');
 * const connect$ = virtualConnect(scheduler, ['-#', '-a'], { a });
 * const data$ = connect$.pipe(
 *   mergeMap((connection) => connection.data$),
 *   reconnect({ delay: 3, jitter: 0, scheduler }),
 * );
 * expectObservable(data$).toBe('              ------x');
 */
export function virtualConnect(
  scheduler: TestScheduler,
  attempts: readonly string[],
  connections: Readonly<Record<string, VirtualConnection>> = {},
  error: Error = errorOfCode('ECONNREFUSED', 'connect'),
): Observable<Connection> {
  checkScheduler(scheduler);
  checkOptions('connections', connections);
  checkInstance('error', Error, error);
  const outcomes = checkArray('attempts', 'an array of diagrams', attempts).map((diagram, index) =>
    outcomeOf(`attempts[${index}]`, diagram as string, connections),
  );
  let begun = 0;
  return new Observable((subscriber) => {
    const outcome = outcomes[begun++];
    if (!outcome) return;
    subscriber.add(
      scheduler.schedule(() => {
        if (outcome.connection) emitConnection(outcome.connection, subscriber);
        else subscriber.error(error);
      }, outcome.frame),
    );
  });
}

/** What becomes of an attempt. */
interface Outcome {
  readonly frame: number;
  /** Null: it fails. */
  readonly connection: MarbleConnection | null;
}

/** @returns undefined: it goes on connecting */
function outcomeOf(
  name: string,
  diagram: string,
  connections: Readonly<Record<string, VirtualConnection>>,
): Outcome | undefined {
  const [first, ...others] = parseMarbles(name, diagram);
  if (others.length > 0 || first?.mark === '|') {
    throw invalidValue(name, 'must have at most one letter or #', diagram);
  }
  if (!first) return undefined;
  const { frame, mark } = first;
  if (mark === '#') return { frame, connection: null };
  const connection = propertyOf('connections', connections, mark);
  if (connection instanceof MarbleConnection) return { frame, connection };
  throw invalidType(`connections.${mark}`, 'a virtual connection', connection);
}
