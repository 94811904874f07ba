import { capabilities } from 'bipoll';

/** Every backend of this platform, by name: one suite for all of them. */
export const backends = capabilities().backends;
