/** Blocking verbs with a timeout. */
export { poll } from './poll';
export { pollAll, type PollQuery } from './pollAll';
