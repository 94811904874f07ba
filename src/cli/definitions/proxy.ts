import { command } from '../Command';
import { TLS_CLIENT_OPTIONS, TLS_SERVER_OPTIONS } from '../endpoints/tlsOptions';
import {
  CONNECT_TIMEOUT_OPTION,
  countOption,
  HEX_OPTION,
  IDLE_TIMEOUT_OPTION,
  JSON_OPTION,
  MODE_OPTION,
} from './options';

const { cert, key } = TLS_SERVER_OPTIONS;
const { ca, servername, insecure } = TLS_CLIENT_OPTIONS;

export const proxyOptions = {
  maxConnections: countOption('how many clients at a time, 10000 by default; others wait', 'm'),
  timeout: CONNECT_TIMEOUT_OPTION,
  idleTimeout: IDLE_TIMEOUT_OPTION,
  hex: HEX_OPTION,
  mode: MODE_OPTION,
  json: JSON_OPTION,
  cert,
  key,
  ca,
  servername,
  insecure,
};

export const proxyCommand = command({
  name: 'proxy',
  summary: 'pass connections on to another server',
  positionals: ['ADDRESS', 'TARGET'],
  description:
    'Accepts connections at ADDRESS and passes each on to TARGET, of the same or another kind. Whoever is slow holds the ' +
    'other side back, and the end of one direction is passed on, as is a reset. ADDRESS can be -, for stdin and stdout. A first Ctrl-C or ' +
    'SIGTERM accepts nobody new and lets connections end, for 5 seconds at most.',
  options: proxyOptions,
  examples: [
    ['bipoll proxy tcp://:8080 unix:/run/app.sock', 'reach a local socket by TCP'],
    [
      'bipoll proxy tls://:8443 tcp://:8080 --cert cert.pem --key key.pem',
      'put TLS before a server',
    ],
    ['bipoll proxy :6380 localhost:6379 --hex', 'see what a program says to Redis'],
  ],
  load: async () => (await import('../commands/proxy')).run,
});
