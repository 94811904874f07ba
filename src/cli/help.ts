import { typedName } from './arguments/Option';
import type { AnyCommand } from './Command';
import { commands } from './commands';
import type { Palette } from './shown/colours';

const WIDTH = 96;
const INDENT = '  ';

const EXIT_CODES = [
  ['0', 'done'],
  ['1', 'failed: nobody is there, the connection broke, no port is open'],
  ['2', 'the command line makes no sense'],
  ['124', 'the time was over'],
  ['128 + N', 'ended by signal N: 130 by Ctrl-C, 143 by SIGTERM, 141 when nobody reads stdout'],
] as const;

const ENDPOINTS = [
  ['tcp://HOST:PORT', 'TCP; without a scheme as well: HOST:PORT, :PORT or PORT'],
  ['tls://HOST:PORT', 'TLS over TCP'],
  ['udp://HOST:PORT', 'UDP'],
  [
    'unix:PATH',
    'a local socket; unix:@NAME is an abstract one; a path with a slash needs no scheme',
  ],
  ['pipe:NAME', 'a named pipe, on Windows'],
  ['-', 'stdin and stdout'],
] as const;

/** What `bipoll help` says. */
export function overview({ bold }: Palette): string {
  return [
    'Usage: bipoll COMMAND [WORD...] [OPTION...]\n',
    bold('Commands'),
    table(commands.map(({ name, summary }) => [name, summary])),
    bold('Where'),
    table(ENDPOINTS),
    bold('Exit codes'),
    table(EXIT_CODES),
    'bipoll COMMAND --help says more, with examples. NO_COLOR=1 switches colours off.\n',
  ].join('\n');
}

/** What `bipoll COMMAND --help` says. */
export function helpOf(command: AnyCommand, { bold, dim }: Palette): string {
  const { name, positionals, takesMore, description, options, examples } = command;
  const words = [name, ...positionals].join(' ') + (takesMore ? '...' : '');
  const rows = Object.entries(options).map(([option, definition]) => {
    const short = definition.short === undefined ? '    ' : `-${definition.short}, `;
    const value = definition.kind === 'flag' ? '' : ` ${definition.placeholder}`;
    const choices = (definition.kind === 'value' && definition.choices) || [];
    const among = choices.length > 4 ? `: ${choices.join(', ')}` : '';
    return [`${short}--${typedName(option)}${value}`, definition.description + among] as const;
  });
  return [
    `Usage: bipoll ${words} [OPTION...]\n`,
    `${wrapped(description, WIDTH).join('\n')}\n`,
    bold('Options'),
    table([...rows, ['-h, --help', 'say this']]),
    bold('Examples'),
    ...examples.map(([line, purpose]) => `${INDENT}${line}\n${INDENT}${INDENT}${dim(purpose)}`),
    '',
  ].join('\n');
}

/** Two columns; the second is wrapped. */
function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.flatMap(([name, text]) =>
    wrapped(text, WIDTH - width - 4).map(
      (line, index) => `${INDENT}${(index === 0 ? name : '').padEnd(width)}  ${line}`,
    ),
  );
  return `${lines.join('\n')}\n`;
}

function wrapped(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!;
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
