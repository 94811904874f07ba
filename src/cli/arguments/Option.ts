/** An option without a value. */
export interface Flag {
  readonly kind: 'flag';
  readonly short?: string;
  readonly description: string;
}

/** An option with a value. */
export interface ValueOption<T> {
  readonly kind: 'value';
  readonly short?: string;
  readonly description: string;
  /** What the value is, as help shows it: `TIME`. */
  readonly placeholder: string;
  /** The possible values, where there are few: for help and completion. */
  readonly choices?: readonly string[];
  /** Whether the value names a file: for completion. */
  readonly isFile?: boolean;
  /** @throws UsageError */
  readonly read: (text: string, name: string) => T;
}

/** By name: `maxConnections` is `--max-connections`. */
export type OptionTable = Readonly<Record<string, Flag | ValueOption<unknown>>>;

/** What was given of a table. */
export type ValuesOf<Options extends OptionTable> = {
  readonly [Name in keyof Options]: Options[Name] extends ValueOption<infer T>
    ? T | undefined
    : boolean;
};

export function flag(description: string, short?: string): Flag {
  return { kind: 'flag', description, ...(short === undefined ? {} : { short }) };
}

/** The name of an option as it is typed, without its dashes. */
export function typedName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
