import { type Backend, capabilities } from 'bipoll';
import { isWine } from './where';

/** Every backend of this platform, by name: one suite for all of them. */
export const backends = capabilities().backends;

/**
 * Not so poll(2) on systems of kqueue, nor Wine, unlike Windows: there the end is told when the bytes before it were
 * read.
 */
export const tellsEndBehindBytes = (backend: Backend) =>
  !isWine && (backend !== 'poll' || !backends.includes('kqueue'));
