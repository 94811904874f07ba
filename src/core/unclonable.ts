/**
 * The value of a property by which `postMessage` and `structuredClone` refuse an object: a symbol cannot be cloned, and
 * the `DataCloneError` shows it. Without it an empty object would arrive.
 */
export const BELONGS_TO_ITS_THREAD = Symbol(
  'a socket, poller or connection, which belongs to its thread',
);
