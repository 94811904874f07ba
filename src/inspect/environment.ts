import { env } from 'node:process';
import { isMainThread } from 'node:worker_threads';
import { inspect } from './inspect';
import { placeIn } from './Place';

/**
 * Serves the view where `BIPOLL_INSPECT` says, if it does. A place that is taken ends no service: a child process may have
 * inherited the variable.
 *
 * @throws TypeError `ERR_INVALID_ARG_VALUE`: it says nothing that makes sense
 */
export function inspectAsAsked(): void {
  const text = env['BIPOLL_INSPECT'];
  if (text === undefined || text === '' || !isMainThread) return;
  inspect(placeIn(text)).then(
    ({ url }) => {
      process.stderr.write(`bipoll: live view at ${url}\n`);
    },
    (error: unknown) => {
      process.emitWarning(`There is no live view: ${(error as Error).message}`, {
        code: 'BIPOLL_NOT_INSPECTED',
      });
    },
  );
}
