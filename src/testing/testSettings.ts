import { checkString, invalidValue } from '../core/argument';
import type { SessionTestSettings } from './sessionTests';

/** How a recording becomes a test, as the caller says it. */
export type TestOptions = Pick<SessionTestSettings, 'from'> & Partial<SessionTestSettings>;

/** Checks options that were read. @throws TypeError `ERR_INVALID_ARG_*` */
export function testSettings(options: TestOptions): SessionTestSettings {
  const { from, handler = 'handle', runner = 'jest', compare = 'times' } = options;
  checkString('from', from);
  if (!/^[A-Za-z_$][\w$]*$/.test(checkString('handler', handler))) {
    throw invalidValue('handler', 'must be a name', handler);
  }
  checkOneOf('runner', ['jest', 'vitest'], runner);
  checkOneOf('compare', ['times', 'order'], compare);
  return { from, handler, runner, compare };
}

function checkOneOf(name: string, choices: readonly string[], value: unknown): void {
  if (choices.includes(value as string)) return;
  throw invalidValue(
    name,
    `must be one of ${choices.map((each) => `'${each}'`).join(', ')}`,
    value,
  );
}
