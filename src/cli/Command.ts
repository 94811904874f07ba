import type { OptionTable, ValuesOf } from './arguments/Option';

/** A command: what help, completion and the reading of arguments need, without what it does, which is loaded on demand. */
export interface Command<Options extends OptionTable = OptionTable> {
  readonly name: string;
  readonly summary: string;
  /** The names of its words, such as `TARGET`; those in brackets may be missing. */
  readonly positionals: readonly string[];
  /** Whether the last of them may be given several times. */
  readonly takesMore?: boolean;
  readonly description: string;
  readonly options: Options;
  /** Each a command line, and what it is for. */
  readonly examples: readonly (readonly [line: string, purpose: string])[];
  readonly load: () => Promise<Run<Options>>;
}

/**
 * Does what a command is for.
 *
 * @param stopSignal the process was told to stop: a command that serves somebody then ends in order
 * @returns the exit code
 */
export type Run<Options extends OptionTable> = (
  values: ValuesOf<Options>,
  positionals: readonly string[],
  stopSignal: AbortSignal,
) => number | Promise<number>;

/** A command among others, where the types of its options do not matter. */
export type AnyCommand = Omit<Command, 'load'> & {
  readonly load: () => Promise<Run<never>>;
};

/** Lets the options of a command be known to what runs it. */
export function command<Options extends OptionTable>(definition: Command<Options>) {
  return definition;
}
