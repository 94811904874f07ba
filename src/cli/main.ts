import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nearest } from '../arguments/nearest';
import { parse } from './arguments/parse';
import type { AnyCommand } from './Command';
import { commandNamed, commands } from './commands';
import {
  codeOf,
  ExitCode,
  exitCodeOf,
  meansNobodyReads,
  OutputClosedError,
  StdioError,
  UsageError,
} from './exitCodes';
import { helpOf, overview } from './help';
import { runUntilStopped } from './runUntilStopped';
import { paletteFor } from './shown/colours';
import { failureFields, jsonLine } from './shown/json';
import { messageOf, tell, tellError } from './shown/messages';

/** Runs a command line, without the name of the program. @returns the exit code */
async function main([name, ...words]: readonly string[]): Promise<number> {
  process.stdout.on('error', onOutputError);
  try {
    switch (name) {
      case undefined:
        tell(overview(paletteFor(process.stderr)));
        return ExitCode.misused;
      case 'help':
      case '--help':
      case '-h':
        return help(words[0]);
      case '--version':
      case '-V':
        process.stdout.write(`${version()}\n`);
        return ExitCode.done;
      default:
        return await perform(commandOf(name), words);
    }
  } catch (error) {
    return tellFailure(error, name ?? '');
  }
}

function help(name: string | undefined): number {
  const palette = paletteFor(process.stdout);
  process.stdout.write(name === undefined ? overview(palette) : helpOf(commandOf(name), palette));
  return ExitCode.done;
}

async function perform(command: AnyCommand, words: readonly string[]): Promise<number> {
  const { values, positionals, wantsHelp } = parse(command, words);
  if (wantsHelp) return help(command.name);
  const run = await command.load();
  try {
    return await runUntilStopped((stopSignal) => run(values as never, positionals, stopSignal));
  } catch (error) {
    const takesNothing =
      error instanceof OutputClosedError ||
      (error instanceof StdioError && error.stream === 'stdout');
    if (values['json'] === true && !takesNothing && exitCodeOf(error) !== ExitCode.misused) {
      process.stdout.write(jsonLine('error', failureFields(error)));
    }
    throw error;
  }
}

/** @throws UsageError */
function commandOf(name: string): AnyCommand {
  const command = commandNamed(name);
  if (command) return command;
  const meant = nearest(
    name,
    commands.map((each) => each.name),
  );
  throw new UsageError(
    `There is no command ${name}${meant === null ? '' : `; did you mean ${meant}?`}`,
  );
}

function tellFailure(error: unknown, name: string): number {
  const exitCode = exitCodeOf(error);
  if (error instanceof OutputClosedError) return exitCode;
  const lacksRxjs = codeOf(error) === 'MODULE_NOT_FOUND' && messageOf(error).includes("'rxjs'");
  tellError(
    lacksRxjs
      ? 'rxjs is not installed, which bipoll needs here: npm install rxjs'
      : messageOf(error),
  );
  if (error instanceof UsageError) {
    tell(`bipoll ${commandNamed(name) ? name : ''} --help says more.`.replace('  ', ' '));
  }
  return exitCode;
}

function onOutputError(error: Error): void {
  if (meansNobodyReads(error)) process.exit(ExitCode.outputClosed);
  tellError(messageOf(new StdioError('stdout', error)));
  process.exit(ExitCode.failed);
}

function version(): string {
  const manifest = readFileSync(join(__dirname, '../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

void main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
