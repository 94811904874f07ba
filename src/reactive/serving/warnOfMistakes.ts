import { inspect } from 'node:util';
import type { Connection } from '../connection/Connection';
import { readingOf } from '../connection/Reading';

/**
 * Errors caused by clients and networks have a `code`, and the program knows the error that it closes a connection
 * with. Any other error is a mistake in the handler, which the program should learn of.
 */
export function warnOfMistakes(error: unknown, connection: Connection): void {
  const { code } = Object(error) as { code?: unknown };
  if (typeof code === 'string' || readingOf('connection', connection).reason === error) return;
  process.emitWarning(`A handler of serve() has failed: ${inspect(error)}`, {
    type: 'HandlerWarning',
    code: 'BIPOLL_HANDLER_FAILED',
  });
}
