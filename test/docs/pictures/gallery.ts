import { connections } from './connections';
import { framing } from './framing';
import { messages } from './messages';
import { pacing } from './pacing';
import type { Picture } from './Picture';
import { serving } from './serving';

/** All pictures, in the order of their page. */
export const gallery: readonly Picture[] = [
  ...connections,
  ...framing,
  ...pacing,
  ...messages,
  ...serving,
];
