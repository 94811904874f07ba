import { type ValueOption } from '../arguments/Option';
import { readPeriod, readSize } from '../arguments/read';
import { command } from '../Command';
import { TLS_CLIENT_OPTIONS } from '../endpoints/tlsOptions';
import { frameOption } from './framingNames';
import { CONNECT_TIMEOUT_OPTION, countOption, durationOption, JSON_OPTION } from './options';

const { ca, servername, insecure } = TLS_CLIENT_OPTIONS;

const size: ValueOption<number> = {
  kind: 'value',
  short: 's',
  placeholder: 'BYTES',
  description: 'of each request to an echo, 64 by default: 512, 64k, 1m',
  read: readSize,
};
const request: ValueOption<string> = {
  kind: 'value',
  placeholder: 'TEXT',
  description: 'the request, sent as a frame: needs --frame',
  read: (text) => text,
};

export const benchOptions = {
  connections: countOption('how many connections, 1 by default', 'c'),
  duration: { ...durationOption('how long, 5s by default', 'd'), read: readPeriod },
  requests: countOption('how many requests in all, instead of a duration', 'n'),
  rate: countOption(
    'requests a second of all connections together; as many as are answered by default',
    'r',
  ),
  size,
  request,
  frame: frameOption('how requests and answers are framed'),
  timeout: CONNECT_TIMEOUT_OPTION,
  json: JSON_OPTION,
  ca,
  servername,
  insecure,
};

export const benchCommand = command({
  name: 'bench',
  summary: 'measure round trips to a server',
  positionals: ['TARGET'],
  description:
    'Each connection sends a request, waits for its answer and sends the next. Without --frame the server must be an echo; ' +
    'with it, each request and each answer is one frame. With --rate requests are due at even times, and one that is ' +
    'late, as the server has stalled, counts from then. Shows the rate meanwhile, and percentiles at the end, also of ' +
    'Ctrl-C. Fails if a connection does, or nothing is answered.',
  options: benchOptions,
  examples: [
    ['bipoll bench 7000 --connections 50 --duration 10s', 'an echo under load'],
    ['bipoll bench 7000 -c 50 --rate 1000', 'the latency of an echo that is not pressed'],
    ['bipoll bench 6379 --frame crlf --request PING', 'Redis'],
    ['bipoll bench unix:/run/app.sock --requests 10000 --json', 'for a script'],
  ],
  load: async () => (await import('../commands/bench')).run,
});
