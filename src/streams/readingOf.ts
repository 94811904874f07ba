import { invalidType } from '../core/argument';
import type { Connection } from '../reactive/connection/Connection';
import { type Reading, readingBehind } from '../reactive/connection/Reading';

/** How to hold back what a connection reads. */
export function readingOf(connection: Connection): Reading {
  const data$ = (connection as Partial<Connection> | null | undefined)?.data$;
  const reading = data$ && readingBehind(data$);
  if (!reading) throw invalidType('connection', 'a Connection', connection);
  return reading;
}
