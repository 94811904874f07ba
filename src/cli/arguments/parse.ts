import { parseArgs } from 'node:util';
import { codeOf, UsageError } from '../exitCodes';
import type { Command } from '../Command';
import { nearest } from '../../arguments/nearest';
import { type OptionTable, typedName, type ValuesOf } from './Option';

/** The words behind the name of a command. */
export interface Parsed<Options extends OptionTable> {
  readonly values: ValuesOf<Options>;
  readonly positionals: readonly string[];
  readonly wantsHelp: boolean;
}

/** Reads the words behind the name of a command. @throws UsageError */
export function parse<Options extends OptionTable>(
  {
    options,
    positionals: names,
    takesMore,
  }: Pick<Command<Options>, 'options' | 'positionals' | 'takesMore'>,
  words: readonly string[],
): Parsed<Options> {
  const { values, positionals } = split(options, words);
  const wantsHelp = values['help'] === true;
  const entries = Object.entries(options).map(([name, option]) => {
    const given = values[typedName(name)];
    if (option.kind === 'flag') return [name, given === true] as const;
    const value =
      typeof given === 'string' ? option.read(given, `--${typedName(name)}`) : undefined;
    return [name, value] as const;
  });
  if (!wantsHelp) checkCount(names, positionals, takesMore);
  return { values: Object.fromEntries(entries) as ValuesOf<Options>, positionals, wantsHelp };
}

function split(options: OptionTable, words: readonly string[]) {
  const all: Record<string, { type: 'boolean' | 'string'; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
  };
  for (const [name, { kind, short }] of Object.entries(options)) {
    const type = kind === 'flag' ? 'boolean' : 'string';
    all[typedName(name)] = short === undefined ? { type } : { type, short };
  }
  try {
    return parseArgs({ args: [...words], options: all, allowPositionals: true });
  } catch (error) {
    throw usageErrorOf(error as Error, Object.keys(all));
  }
}

/** Says in our words what Node.js finds wrong, and which option was probably meant. */
function usageErrorOf(error: Error, names: readonly string[]): UsageError {
  // Of a value that begins with a dash, it says in three lines how to give it.
  const [, option] = /use '(--[^=]+)=-XYZ'/.exec(error.message) ?? [];
  if (option !== undefined) {
    return new UsageError(`${option} lacks its value; one that begins with a dash: ${option}=-...`);
  }
  if (codeOf(error) !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return new UsageError(error.message);
  const unknown = /'(-[^']*)'/.exec(error.message)?.[1] ?? '';
  const meant = nearest(unknown.replace(/^-+/, ''), names);
  return new UsageError(
    `There is no option ${unknown}${meant === null ? '' : `; did you mean --${meant}?`}`,
  );
}

function checkCount(names: readonly string[], given: readonly string[], takesMore = false): void {
  const required = names.filter((name) => !name.startsWith('['));
  const missing = required[given.length];
  if (missing !== undefined) throw new UsageError(`${missing} is missing`);
  const surplus = given[names.length];
  if (surplus !== undefined && !takesMore) throw new UsageError(`${surplus} is one word too many`);
}
