/**
 * A property with this value makes `postMessage` and `structuredClone` refuse an object: a symbol cannot be cloned, and
 * its text is the message of the `DataCloneError`. Without it an empty object would arrive.
 */
export const BELONGS_TO_ITS_THREAD = Symbol(
  'a socket, poller or connection, which belongs to its thread',
);
