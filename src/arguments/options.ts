import { invalidType, unknownOption, unreadable } from './errors';
import { nearest } from './nearest';

/** The names of all options of an interface. The compiler sees that none is missing, and none too many. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/**
 * Reads options: each once, into an object of our own that has nothing else, so that neither a getter nor a polluted
 * `Object.prototype` can change them afterwards. What is undefined is not given. A name that is not known is refused, as
 * a misspelt option would silently do nothing. An object of a class may have more: one connects to a `TcpServer`.
 *
 * @param name the argument, for the errors
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
 */
export function optionsOf<Options extends object>(
  name: string,
  options: Options,
  names: OptionNames<Options>,
): Options {
  if (typeof options !== 'object' || (options as unknown) === null) {
    throw invalidType(name, 'an object', options);
  }
  const own = Object.create(null) as Record<string, unknown>;
  for (const key of keysOf(name, options)) {
    const value = propertyOf(name, options, key);
    if (value === undefined) continue;
    if (Object.hasOwn(names, key)) own[key] = value;
    else if (isPlain(options)) throw unknownOption(name, key, adviceOn(key, Object.keys(names)));
  }
  return own as Options;
}

/** Whether it was made of braces, in whatever realm, and not by a class. */
function isPlain(options: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(options);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Options of which the later ones count, again without a prototype. */
export function mergedOptions<First extends object, Second extends object>(
  first: First,
  second: Second,
): First & Second {
  return Object.assign(Object.create(null) as object, first, second);
}

/** Those of the options that have these names, again without a prototype. */
export function partOf<Part extends object>(options: object, names: OptionNames<Part>): Part {
  const part = Object.entries(options).filter(([name]) => Object.hasOwn(names, name));
  return mergedOptions(Object.fromEntries(part), {}) as Part;
}

function keysOf(name: string, options: object): string[] {
  try {
    return Object.keys(options);
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** A property of an argument, whatever that is; undefined if it has none. @throws TypeError if a getter throws */
export function propertyOf(name: string, value: unknown, key: string): unknown {
  try {
    return (value as Record<string, unknown> | null | undefined)?.[key];
  } catch (error) {
    throw unreadable(`${name}.${key}`, error);
  }
}

function adviceOn(key: string, names: readonly string[]): string {
  const meant = nearest(key, names);
  return meant === null ? `there are ${names.join(', ')}` : `did you mean '${meant}'?`;
}
