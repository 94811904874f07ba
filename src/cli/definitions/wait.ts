import { command } from '../Command';
import { TLS_CLIENT_OPTIONS } from '../endpoints/tlsOptions';
import { durationOption, JSON_OPTION } from './options';

const { ca, servername, insecure } = TLS_CLIENT_OPTIONS;

export const waitOptions = {
  timeout: durationOption('for all of it, 30s by default', 't'),
  interval: durationOption('between two attempts, 250ms by default', 'i'),
  json: JSON_OPTION,
  ca,
  servername,
  insecure,
};

export const waitCommand = command({
  name: 'wait',
  summary: 'wait until servers answer',
  positionals: ['TARGET'],
  takesMore: true,
  description:
    'Tries to connect to each TARGET until all have accepted a connection, or for tls:// finished a handshake. A name that is ' +
    'not known yet, a refusal and a missing path are tried again. Exits with 124 if the time is over before.',
  options: waitOptions,
  examples: [
    ['bipoll wait db:5432 cache:6379 --timeout 1m && node server.js', 'in a start script'],
    ['bipoll wait unix:/run/app.sock', 'until a local server is there'],
  ],
  load: async () => (await import('../commands/wait')).run,
});
