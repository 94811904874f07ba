import { readOneOf } from '../arguments/read';
import type { Run } from '../Command';
import { commands } from '../commands';
import { bashScript } from '../completion/bash';
import { fishScript } from '../completion/fish';
import { zshScript } from '../completion/zsh';
import type { completionOptions } from '../definitions/completion';
import { ExitCode } from '../exitCodes';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
const readShell = readOneOf(['bash', 'zsh', 'fish'] as const);

/** Prints what completes command lines in a shell. */
export const run: Run<typeof completionOptions> = (_values, [shell = '']) => {
  process.stdout.write(scripts[readShell(shell, 'SHELL')](commands));
  return ExitCode.done;
};
