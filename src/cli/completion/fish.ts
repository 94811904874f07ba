import { type Flag, typedName, type ValueOption } from '../arguments/Option';
import type { AnyCommand } from '../Command';
import { quoted } from './quoted';

/** What completes command lines in fish. */
export function fishScript(commands: readonly AnyCommand[]): string {
  const lines = commands.flatMap(({ name, summary, options }) => [
    `complete -c bipoll -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
    ...Object.entries(options).map(([option, definition]) => optionLine(name, option, definition)),
  ]);
  return `${lines.join('\n')}\n`;
}

function optionLine(command: string, name: string, option: Flag | ValueOption<unknown>): string {
  const words = [
    `complete -c bipoll -n '__fish_seen_subcommand_from ${command}'`,
    `-l ${typedName(name)}`,
  ];
  if (option.short !== undefined) words.push(`-s ${option.short}`);
  if (option.kind === 'value') words.push(option.isFile ? '-r' : '-x');
  if (option.kind === 'value' && option.choices)
    words.push(`-a ${quoted(option.choices.join(' '))}`);
  return [...words, `-d ${quoted(option.description)}`].join(' ');
}
