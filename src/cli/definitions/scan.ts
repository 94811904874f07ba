import { command } from '../Command';
import { countOption, durationOption, JSON_OPTION } from './options';

export const scanOptions = {
  timeout: durationOption('for each port, 1s by default', 't'),
  concurrency: countOption('how many ports at a time, 200 by default', 'c'),
  json: JSON_OPTION,
};

export const scanCommand = command({
  name: 'scan',
  summary: 'find the open TCP ports of a host',
  positionals: ['HOST', 'PORTS'],
  description:
    'Connects to each of PORTS, such as 22,80,8000-8100, and writes those that somebody listens at. Fails if there are none.',
  options: scanOptions,
  examples: [
    ['bipoll scan localhost 1-65535', 'all ports of this machine'],
    ['bipoll scan 192.0.2.7 22,80,443 --timeout 300ms', 'three ports of another'],
  ],
  load: async () => (await import('../commands/scan')).run,
});
