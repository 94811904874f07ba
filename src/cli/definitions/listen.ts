import { flag } from '../arguments/Option';
import { command } from '../Command';
import { TLS_SERVER_OPTIONS } from '../endpoints/tlsOptions';
import { frameOption } from './framingNames';
import { ON_END_OPTION } from './onEnd';
import { countOption, HEX_OPTION, IDLE_TIMEOUT_OPTION, JSON_OPTION, MODE_OPTION } from './options';

export const listenOptions = {
  keep: flag('go on when a client has left', 'k'),
  maxConnections: countOption(
    'how many clients at a time with --keep, 1 by default; of several, stdin is sent to none',
    'm',
  ),
  echo: flag('send back what comes, instead of stdin', 'e'),
  idleTimeout: IDLE_TIMEOUT_OPTION,
  frame: frameOption('show each frame on a line of its own, and send each line as a frame'),
  hex: HEX_OPTION,
  onEnd: ON_END_OPTION,
  mode: MODE_OPTION,
  json: JSON_OPTION,
  ...TLS_SERVER_OPTIONS,
};

export const listenCommand = command({
  name: 'listen',
  summary: 'listen, and connect stdin and stdout with a client',
  positionals: ['ADDRESS'],
  description:
    'Waits at ADDRESS for one client, and talks with it as connect does. With --keep, others may follow. Without a host it ' +
    'listens at 127.0.0.1, which other machines cannot reach; port 0 lets the system choose. The address is told on stderr.',
  options: listenOptions,
  examples: [
    ['bipoll listen 7000', 'wait for a client and talk with it'],
    ['bipoll listen tcp://0.0.0.0:7000 >file', 'receive a file, from any machine'],
    ['bipoll listen unix:/tmp/log.sock --keep --max-connections 50 --frame ndjson', 'collect logs'],
    ['bipoll listen tls://:7443 --cert cert.pem --key key.pem --echo --keep', 'a TLS echo'],
    ['bipoll listen udp://:8125 --hex', 'see datagrams'],
  ],
  load: async () => (await import('../commands/listen')).run,
});
