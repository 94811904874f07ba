import { inspect } from 'node:util';

type ArgumentError<Base extends Error> = Base & { readonly code: string };

/**
 * The argument has not the type `expected`: 'The "line" argument must be of type string. Received
 * 5'.
 */
export function invalidArgType(
  name: string,
  expected: string,
  actual: unknown,
): ArgumentError<TypeError> {
  return withCode(
    new TypeError(`${subject(name)} must be ${expected}. ${received(actual)}`),
    'ERR_INVALID_ARG_TYPE',
  );
}

/**
 * The argument has the right type, but `requirement` does not hold: 'The "line" argument must not
 * ...'.
 */
export function invalidArgValue(
  name: string,
  requirement: string,
  actual: unknown,
): ArgumentError<TypeError> {
  return withCode(
    new TypeError(`${subject(name)} ${requirement}. ${received(actual)}`),
    'ERR_INVALID_ARG_VALUE',
  );
}

/**
 * The number is not within `range`: 'The "options.maxBytes" property must be a positive integer
 * ...'.
 */
export function outOfRange(
  name: string,
  range: string,
  actual: unknown,
): ArgumentError<RangeError> {
  return withCode(
    new RangeError(`${subject(name)} must be ${range}. ${received(actual)}`),
    'ERR_OUT_OF_RANGE',
  );
}

function withCode<Base extends Error>(error: Base, code: string): ArgumentError<Base> {
  return Object.assign(error, { code });
}

function subject(name: string): string {
  return `The "${name}" ${name.includes('.') ? 'property' : 'argument'}`;
}

function received(actual: unknown): string {
  const shown = inspect(actual, { depth: 0, maxArrayLength: 8, maxStringLength: 64 });
  return `Received ${shown}`;
}
