import { type Backend, capabilities } from 'bipoll';

/** Every backend of this platform, by name: one suite for all of them. */
export const backends = capabilities().backends;

/** Not so poll(2) on systems of kqueue: there the end is told when the bytes before it were read. */
export const tellsEndBehindBytes = (backend: Backend) =>
  backend !== 'poll' || !backends.includes('kqueue');
