import { constants } from 'node:os';

const numbers: Readonly<Record<string, number>> = constants.signals;

/** The system's number of a signal; undefined for a name that it does not know. */
export function signalNumber(name: unknown): number | undefined {
  return typeof name === 'string' && Object.hasOwn(numbers, name) ? numbers[name] : undefined;
}

/** The name of a signal; of several that it has, the first. */
export function signalName(number: number): NodeJS.Signals | null {
  const found = Object.keys(numbers).find((name) => numbers[name] === number);
  return (found as NodeJS.Signals | undefined) ?? null;
}
