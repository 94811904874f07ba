import { inspected } from './inspected';

/** An error about an argument: refused before any system call, with the codes and the wording of Node.js. */
export type ArgumentError<Base extends Error> = Base & { readonly code: string };

/** Of the wrong type: 'The "line" argument must be of type string. Received 5'. */
export function invalidType(
  name: string,
  expected: string,
  value: unknown,
): ArgumentError<TypeError> {
  const message = `The "${name}" ${kindOf(name)} must be ${expected}. Received ${inspected(value)}`;
  return withCode(new TypeError(message), 'ERR_INVALID_ARG_TYPE');
}

/** Of the right type, with a value that cannot be: "The argument 'line' must not contain a newline. Received 'a\n'". */
export function invalidValue(
  name: string,
  reason: string,
  value: unknown,
  options?: ErrorOptions,
): ArgumentError<TypeError> {
  const message = `The ${kindOf(name)} '${name}' ${reason}. Received ${inspected(value)}`;
  return withCode(new TypeError(message, options), 'ERR_INVALID_ARG_VALUE');
}

/** A number beyond its limits: 'The value of "port" is out of range. It must be >= 0 and <= 65535. Received -1'. */
export function outOfRange(name: string, range: string, value: unknown): ArgumentError<RangeError> {
  const message = `The value of "${name}" is out of range. It must be ${range}. Received ${inspected(value)}`;
  return withCode(new RangeError(message), 'ERR_OUT_OF_RANGE');
}

/** "The argument 'options' has an unknown option 'hightWaterMark'; did you mean 'highWaterMark'?" */
export function unknownOption(
  name: string,
  option: string,
  advice: string,
): ArgumentError<TypeError> {
  const message = `The ${kindOf(name)} '${name}' has an unknown option '${option}'; ${advice}`;
  return withCode(new TypeError(message), 'ERR_INVALID_ARG_VALUE');
}

/** Reading the argument threw, as a getter or a Proxy can: the error says which one, and its `cause` what was thrown. */
export function unreadable(name: string, cause: unknown): ArgumentError<TypeError> {
  const message = `The ${kindOf(name)} '${name}' cannot be read`;
  return withCode(new TypeError(message, { cause }), 'ERR_INVALID_ARG_VALUE');
}

/** A method was called on what is no object of its class, such as a Proxy of one. */
export function invalidThis(expected: string): ArgumentError<TypeError> {
  return withCode(new TypeError(`Value of "this" must be ${expected}`), 'ERR_INVALID_THIS');
}

function kindOf(name: string): 'property' | 'argument' {
  return name.includes('.') ? 'property' : 'argument';
}

function withCode<Base extends Error>(error: Base, code: string): ArgumentError<Base> {
  return Object.assign(error, { code });
}
