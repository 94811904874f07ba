import { invalidType, optionsOf } from '../core/argument';
import type { Connection } from '../reactive/connection/Connection';
import { readingOf } from '../reactive/connection/Reading';
import type { Chunk } from '../reactive/connection/Transport';
import type { Outgoing } from '../reactive/send';
import { Recorder } from './Recorder';
import { RECORD_OPTIONS, type RecordOptions, recordSettings } from './recordOptions';

/** What happened on a connection, as diagrams that begin when the recording did. */
export interface Recording {
  /** The peer's, as `virtualConnection` takes it: what was read, its end, its reset. */
  readonly received: string;
  /** Ours, as `expectSent` takes it: what was written, our end. */
  readonly sent: string;
  /** The chunks of both: text where the bytes are UTF-8. */
  readonly values: Readonly<Record<string, Chunk>>;
  /** What `#` is, in either. */
  readonly error?: Error;
}

/** A connection that is being recorded. */
export interface RecordedConnection extends Connection {
  /** What has happened so far. */
  readonly recording: Recording;
}

/**
 * Records what happens on a connection, so that a session becomes a test. Use the returned connection instead of the
 * original: what bypasses it is not recorded.
 *
 * A reaction within the callback of `data$` counts as simultaneous with its cause, as it is in virtual time. Recording
 * counts as a subscription to the connection. Descriptors are passed on, and left out of the diagrams.
 *
 * @throws TypeError `ERR_INVALID_ARG_*`
 *
 * @example
 * const client = record(fromSocket(socket));
 * talkTo(client).subscribe({ complete: () => console.log(client.recording) });
 * // { received: '--a 20ms |', sent: '--b 20ms |', values: { a: 'PING\n', b: 'PONG\n' } }
 *
 * // and in the test, with that recording:
 * const replayed = virtualConnection(scheduler, recording.received, recording);
 * serve(replayed).subscribe();
 * replayed.expectSent(recording.sent, recording.values);
 */
export function record(connection: Connection, options: RecordOptions = {}): RecordedConnection {
  const settings = recordSettings(optionsOf('options', options, RECORD_OPTIONS));
  const reading = readingOf('connection', connection);
  if (!isOutgoing(connection)) {
    throw invalidType('connection', 'a Connection of this library', connection);
  }
  return new Recorder(connection, reading, settings);
}

function isOutgoing(connection: Connection): connection is Connection & Outgoing {
  return 'whenDrained' in connection;
}
