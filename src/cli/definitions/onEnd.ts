import type { ValueOption } from '../arguments/Option';
import { readOneOf } from '../arguments/read';

const NAMES = ['half-close', 'close', 'stay'] as const;

/** What happens to a connection at the end of stdin. */
export type OnEnd = (typeof NAMES)[number];

export const ON_END_OPTION: ValueOption<OnEnd> = {
  kind: 'value',
  placeholder: 'WHAT',
  description: 'at the end of stdin: half-close (default; the answer is awaited), close or stay',
  choices: NAMES,
  read: readOneOf(NAMES),
};
