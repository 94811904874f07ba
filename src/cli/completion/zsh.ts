import { type Flag, typedName, type ValueOption } from '../arguments/Option';
import type { AnyCommand } from '../Command';
import { quoted } from './quoted';

/** What completes command lines in zsh. */
export function zshScript(commands: readonly AnyCommand[]): string {
  const summaries = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const cases = commands.map(({ name, options }) => {
    const specs = Object.entries(options).map(([option, definition]) =>
      optionSpec(option, definition),
    );
    return `    ${name}) _arguments ${[...specs, "'*:file:_files'"].join(' ')} ;;`;
  });
  return `#compdef bipoll
_bipoll() {
  local -a commands
  commands=(
${summaries.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
compdef _bipoll bipoll
`;
}

function optionSpec(name: string, option: Flag | ValueOption<unknown>): string {
  const description = option.description.replaceAll(/[[\]:\\]/g, String.raw`\$&`);
  const value = option.kind === 'flag' ? '' : `:${option.placeholder}:${valuesOf(option)}`;
  const names = option.short === undefined ? [] : [`-${option.short}`];
  return [`--${typedName(name)}`, ...names]
    .map((typed) => quoted(`${typed}[${description}]${value}`))
    .join(' ');
}

function valuesOf({ choices, isFile }: ValueOption<unknown>): string {
  if (choices) return `(${choices.join(' ')})`;
  return isFile ? '_files' : ' ';
}
