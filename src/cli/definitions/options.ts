import { flag, type ValueOption } from '../arguments/Option';
import { readCount, readDuration, readMode } from '../arguments/read';

/** Options that several commands have, apart from their own. */
export function durationOption(description: string, short?: string): ValueOption<number> {
  return {
    kind: 'value',
    placeholder: 'TIME',
    description,
    read: readDuration,
    ...(short === undefined ? {} : { short }),
  };
}

export function countOption(description: string, short?: string): ValueOption<number> {
  return {
    kind: 'value',
    placeholder: 'N',
    description,
    read: readCount,
    ...(short === undefined ? {} : { short }),
  };
}

export const JSON_OPTION = flag('write one JSON object a line to stdout', 'j');
export const HEX_OPTION = flag('show what is received (<) and sent (>) as a hex dump', 'x');
export const CONNECT_TIMEOUT_OPTION = durationOption('for connecting, 10s by default', 't');
export const IDLE_TIMEOUT_OPTION = durationOption(
  'without a byte either way, after which it is given up; over UDP: ended',
  'i',
);
export const MODE_OPTION: ValueOption<number> = {
  kind: 'value',
  placeholder: 'MODE',
  description: 'of the socket file, in octal; 600 by default: its owner alone',
  read: readMode,
};
