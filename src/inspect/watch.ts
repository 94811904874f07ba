import { type IncomingMessage, request as ask, type ServerResponse } from 'node:http';
import { type OptionNames, optionsOf } from '../core/argument';
import { pathBytes } from '../core/localPath';
import { checkPort } from './Place';
import { type Answer, type LiveView, serveAtPort } from './serveView';

/** @see watch */
export interface WatchOptions {
  /** Where the other process serves its view. */
  path: string;
  /** A port of 127.0.0.1; 0, the default, lets the system choose. */
  port?: number;
}

const WATCH_OPTIONS: OptionNames<WatchOptions> = { path: true, port: true };

/**
 * Serves at a port of 127.0.0.1, for a browser, the live view that another process serves at a path: `bipoll watch` does.
 * The other process may start later, and again. It keeps this process alive, until it is closed.
 *
 * An error of the Promise: `ERR_INVALID_ARG_*`, `ERR_OUT_OF_RANGE`; `EADDRINUSE`.
 *
 * @example
 * const view = await watch({ path: '/run/user/1000/view.sock' });
 * console.log(view.url);
 */
export async function watch(options: WatchOptions): Promise<LiveView> {
  const { path, port = 0 } = optionsOf('options', options, WATCH_OPTIONS);
  pathBytes('path', path);
  const answer: Answer = (request, response, below) => {
    relay(path, request, response, below);
  };
  return serveAtPort(checkPort(port), { answer, close: () => undefined }, true);
}

/** Passes a request on, and the answer back, as it comes. */
function relay(
  socketPath: string,
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
  below: string,
): void {
  const [, query] = url.split('?');
  const path = query === undefined ? below : `${below}?${query}`;
  const asked = ask({ socketPath, method, path, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  });
  asked.on('error', (error) => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502, { 'content-type': 'text/plain' }).end(`${error.message}\n`);
  });
  response.on('close', () => asked.destroy());
  asked.end();
}
