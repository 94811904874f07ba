import { writeFileSync } from 'node:fs';
import { map, type MonoTypeOperatorFunction } from 'rxjs';
import { checkInteger, checkString, type OptionNames, optionsOf } from '../core/argument';
import type { Connection } from '../reactive/connection/Connection';
import { readingOf } from '../reactive/connection/Reading';
import { record, type RecordedConnection } from './record';
import { RECORD_OPTIONS, type RecordOptions, recordSettings } from './recordOptions';
import { type Session, sessionTests } from './sessionTests';
import { testSettings } from './testSettings';

/** @see recordTo */
export interface RecordToOptions extends RecordOptions {
  /** What the test imports the handler from, such as `'./service'`. */
  from: string;
  /** The name under which it exports the handler; `'handle'` by default. */
  handler?: string;
  /** Who runs the test; `'jest'` by default. */
  runner?: 'jest' | 'vitest';
  /**
   * What the test expects: the answers at their times, or only in their order, for sessions whose times are never the
   * same; `'times'` by default.
   */
  compare?: 'times' | 'order';
  /** How many sessions are recorded, the first ones; 20 by default. They are kept in memory until then. */
  maxSessions?: number;
}

const RECORD_TO_OPTIONS: OptionNames<RecordToOptions> = {
  ...RECORD_OPTIONS,
  from: true,
  handler: true,
  runner: true,
  compare: true,
  maxSessions: true,
};

const MOST_SESSIONS = 1000;

/**
 * Records the connections of a listener, or of `connect`, to a test file that replays them in virtual time. The file is
 * written whenever a connection has closed. For a listener the handler is that of `serve`; for `connect` it is a function
 * that takes the connection and returns an Observable.
 *
 * The file holds all that was sent and received: `redact` leaves out what is secret. If it cannot be written, a warning
 * says so (`BIPOLL_UNWRITTEN_RECORDING`), and the service goes on.
 *
 * @param file its path, such as `'session.test.ts'`
 * @throws TypeError `ERR_INVALID_ARG_*`
 *
 * @example
 * listen({ port: 7000 })
 *   .pipe(recordTo('session.test.ts', { from: './service', step: 10 }), serve(handle))
 *   .subscribe();
 */
export function recordTo(
  file: string,
  options: RecordToOptions,
): MonoTypeOperatorFunction<Connection> {
  checkString('file', file);
  const own = optionsOf('options', options, RECORD_TO_OPTIONS);
  const { maxSessions = 20 } = own;
  checkInteger('maxSessions', maxSessions, 1, MOST_SESSIONS);
  const recording = recordSettings(own);
  const settings = testSettings(own);
  return (connections$) => {
    const sessions: Session[] = [];
    let begun = 0;
    const save = (connection: RecordedConnection, isServed: boolean) => {
      sessions.push({ recording: connection.recording, isServed });
      write(file, sessionTests(sessions, settings));
    };
    return connections$.pipe(
      map((connection) => {
        if (begun++ >= maxSessions) return connection;
        const isServed = readingOf('connection', connection).acceptor !== null;
        const recorded = record(connection, recording);
        recorded.closed$.subscribe(() => {
          save(recorded, isServed);
        });
        return recorded;
      }),
    );
  };
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    process.emitWarning(`The recording was not written: ${(error as Error).message}`, {
      code: 'BIPOLL_UNWRITTEN_RECORDING',
    });
  }
}
