import type { ValueOption } from '../arguments/Option';
import { readPort } from '../arguments/read';
import { command } from '../Command';
import { JSON_OPTION } from './options';

const port: ValueOption<number> = {
  kind: 'value',
  short: 'p',
  placeholder: 'PORT',
  description: 'of 127.0.0.1, for the browser; the system chooses by default',
  read: readPort,
};

export const watchOptions = { port, json: JSON_OPTION };

export const watchCommand = command({
  name: 'watch',
  summary: 'see in a browser what happens in a service',
  positionals: ['TARGET'],
  description:
    'Serves the live view of a service that was started with BIPOLL_INSPECT=unix:PATH and imports bipoll/inspect, and ' +
    'tells its URL, until Ctrl-C. Whoever has the URL sees what the connections carry. The service may start later.',
  options: watchOptions,
  examples: [
    ['bipoll watch unix:/run/user/1000/view.sock', 'tell the URL of the page'],
    ['bipoll watch unix:/run/user/1000/view.sock --port 7001', 'at a port that ssh -L forwards'],
  ],
  load: async () => (await import('../commands/watch')).run,
});
