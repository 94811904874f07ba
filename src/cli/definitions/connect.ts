import { flag } from '../arguments/Option';
import { command } from '../Command';
import { TLS_CLIENT_OPTIONS } from '../endpoints/tlsOptions';
import { frameOption } from './framingNames';
import { ON_END_OPTION } from './onEnd';
import { CONNECT_TIMEOUT_OPTION, HEX_OPTION, IDLE_TIMEOUT_OPTION, JSON_OPTION } from './options';

export const connectOptions = {
  timeout: CONNECT_TIMEOUT_OPTION,
  idleTimeout: IDLE_TIMEOUT_OPTION,
  frame: frameOption('show each frame on a line of its own, and send each line as a frame'),
  hex: HEX_OPTION,
  onEnd: ON_END_OPTION,
  json: JSON_OPTION,
  verbose: flag('say on stderr whom we are connected to', 'v'),
  ...TLS_CLIENT_OPTIONS,
};

export const connectCommand = command({
  name: 'connect',
  summary: 'connect stdin and stdout with a server',
  positionals: ['TARGET'],
  description:
    'Sends stdin to TARGET and writes what comes to stdout, until the server ends. At the end of stdin only our side is ' +
    'ended, so that the answer still comes; over TLS it is not, as many programs, such as openssl, would not answer any ' +
    'more: there, --on-end half-close tells the server that stdin has ended. Over UDP each chunk, or with --frame each ' +
    'line, is a datagram.',
  options: connectOptions,
  examples: [
    ['bipoll connect localhost:6379 --frame crlf', 'talk to Redis, a command a line'],
    [
      String.raw`printf 'GET / HTTP/1.0\r\n\r\n' | bipoll connect tls://example.org:443`,
      'an HTTPS request',
    ],
    ['bipoll connect unix:/run/app.sock --hex', 'see the bytes'],
    ['bipoll connect udp://127.0.0.1:8125 --on-end close <metrics', 'send what a file has'],
  ],
  load: async () => (await import('../commands/connect')).run,
});
