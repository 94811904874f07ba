import type { ValueOption } from '../arguments/Option';
import { readOneOf } from '../arguments/read';
import type { Endpoint } from '../endpoints/Endpoint';

const NAMES = ['half-close', 'close', 'stay'] as const;

/** What happens to a connection at the end of stdin. */
export type OnEnd = (typeof NAMES)[number];

export const ON_END_OPTION: ValueOption<OnEnd> = {
  kind: 'value',
  placeholder: 'WHAT',
  description:
    'at the end of stdin: half-close (the answer is awaited), close, or stay, the default over TLS',
  choices: NAMES,
  read: readOneOf(NAMES),
};

/** TLS can end one side alone, but many programs, those of OpenSSL among them, take that for the end of all. */
export function defaultOnEnd({ scheme }: Endpoint): OnEnd {
  return scheme === 'tls' ? 'stay' : 'half-close';
}
