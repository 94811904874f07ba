import { inspect } from 'node:util';
import type { Connection } from '../connection/Connection';
import { readingOf } from '../connection/Reading';

/**
 * What clients and networks do has a `code`, and what the program closes a connection with is known to it. Any other
 * error is a mistake in the handler, which the program should learn of.
 */
export function warnOfMistakes(error: unknown, connection: Connection): void {
  const { code } = Object(error) as { code?: unknown };
  if (typeof code === 'string' || readingOf('connection', connection).reason === error) return;
  process.emitWarning(`A handler of serve() has failed: ${inspect(error)}`, {
    type: 'HandlerWarning',
    code: 'BIPOLL_HANDLER_FAILED',
  });
}
