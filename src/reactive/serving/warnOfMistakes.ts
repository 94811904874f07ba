import { inspect } from 'node:util';
import { SocketClosedError, SocketError, TimeoutError } from '../../core/errors';
import { FramingError } from '../../framing';
import type { Connection } from '../connection/Connection';
import { readingOf } from '../connection/Reading';

/** What clients and networks cause. `AggregateError` is that of a connect to several addresses. */
const OUTSIDE = [SocketError, TimeoutError, FramingError, AggregateError];

/**
 * Errors of sockets, time limits and codecs are caused by clients and networks, and the program knows the error that it
 * closes a connection with. Any other error is a mistake in the handler, which the program should learn of.
 */
export function warnOfMistakes(error: unknown, connection: Connection): void {
  const { reason } = readingOf('connection', connection);
  const isTooLate = error instanceof SocketClosedError && reason !== undefined;
  if (isTooLate || reason === error || OUTSIDE.some((type) => error instanceof type)) return;
  process.emitWarning(`A handler of serve() has failed: ${inspect(error)}`, {
    type: 'HandlerWarning',
    code: 'BIPOLL_HANDLER_FAILED',
  });
}
