import { flag, type ValueOption } from '../arguments/Option';
import { readOneOf } from '../arguments/read';
import { command } from '../Command';
import { durationOption, JSON_OPTION } from './options';

const ENCODINGS = ['utf8', 'hex', 'base64'] as const;

const encoding: ValueOption<(typeof ENCODINGS)[number]> = {
  kind: 'value',
  placeholder: 'ENCODING',
  description: 'what DATA is: utf8 (default), hex or base64',
  choices: ENCODINGS,
  read: readOneOf(ENCODINGS),
};

export const sendOptions = {
  encoding,
  reply: durationOption('wait so long for an answer, and write it to stdout (UDP)', 'r'),
  broadcast: flag('allow TARGET to be a broadcast address', 'b'),
  json: JSON_OPTION,
};

export const sendCommand = command({
  name: 'send',
  summary: 'send a datagram',
  positionals: ['TARGET', '[DATA]'],
  description:
    'Sends DATA, or if it is - or missing all of stdin, as one datagram to udp://HOST:PORT or to the local socket unix:PATH.',
  options: sendOptions,
  examples: [
    ["bipoll send udp://127.0.0.1:8125 'requests:1|c'", 'count something in StatsD'],
    ["bipoll send unix:/dev/log '<13>deploy: done'", 'write to the log'],
    ['bipoll send udp://127.0.0.1:7 ping --reply 1s', 'await an answer'],
  ],
  load: async () => (await import('../commands/send')).run,
});
