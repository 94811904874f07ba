import { type Flag, typedName, type ValueOption } from '../arguments/Option';
import type { AnyCommand } from '../Command';
import { quoted } from './quoted';

/** What completes command lines in bash. What it does not know, bash completes by the names of files. */
export function bashScript(commands: readonly AnyCommand[]): string {
  const names = [...commands.map(({ name }) => name), 'help'];
  const values = commands.flatMap(({ name, options }) =>
    Object.entries(options).flatMap(([option, definition]) => valueCase(name, option, definition)),
  );
  const options = commands.map(({ name, options: table }) => {
    const words = [...Object.keys(table).map((option) => `--${typedName(option)}`), '--help'];
    return `    ${name}) words=${quoted(words.join(' '))} ;;`;
  });
  return `_bipoll() {
  local current=\${COMP_WORDS[COMP_CWORD]} words=
  case $COMP_CWORD:\${COMP_WORDS[1]}:\${COMP_WORDS[COMP_CWORD - 1]} in
    1:*) words=${quoted(names.join(' '))} ;;
${values.join('\n')}
  esac
  if [[ -z $words && $current == -* ]]; then
    case \${COMP_WORDS[1]} in
  ${options.join('\n  ')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _bipoll bipoll
`;
}

function valueCase(command: string, name: string, option: Flag | ValueOption<unknown>): string[] {
  if (option.kind === 'flag' || !option.choices) return [];
  const patterns = [`*:${command}:--${typedName(name)}`];
  if (option.short !== undefined) patterns.push(`*:${command}:-${option.short}`);
  return [`    ${patterns.join(' | ')}) words=${quoted(option.choices.join(' '))} ;;`];
}
