import { lastValueFrom } from 'rxjs';
import type { Run } from '../Command';
import type { watchOptions } from '../definitions/watch';
import { readEndpoint, textOf } from '../endpoints/Endpoint';
import { ExitCode, UsageError } from '../exitCodes';
import { jsonLine } from '../shown/json';
import { tell } from '../shown/messages';
import { stopping } from '../stopping';

/** Serves the live view of another process until it is told to stop. */
export const run: Run<typeof watchOptions> = async ({ port, json }, [target], stopSignal) => {
  const endpoint = readEndpoint(target!);
  if (endpoint.scheme !== 'unix') {
    throw new UsageError(`A live view is at unix:PATH, not at ${textOf(endpoint)}`);
  }
  delete process.env['BIPOLL_INSPECT']; // which a shell may have exported for the service, not for this process
  const { watch } = await import('bipoll/inspect');
  const { path } = endpoint;
  const view = await watch({ path, ...(port !== undefined && { port }) });
  if (json) process.stdout.write(jsonLine('watching', { url: view.url }));
  else tell(`${view.url} shows ${textOf(endpoint)}`);
  await lastValueFrom(stopping(stopSignal));
  view.close();
  return ExitCode.done;
};
