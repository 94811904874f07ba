import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { checkFunction, checkInteger, type OptionNames } from '../core/argument';
import { checkScheduler } from '../reactive/connection/options';
import type { Chunk } from '../reactive/connection/Transport';

const LONGEST_STEP = 60_000;

/** @see record */
export interface RecordOptions {
  /** Where the time comes from; rxjs' `asyncScheduler` by default. */
  scheduler?: SchedulerLike;
  /**
   * Milliseconds; the time from one event to the next becomes a multiple of them: it is rounded up from three quarters on,
   * else down. 1 by default. Timers fire late, and sometimes early: with a step of twice their delay, a session replays if
   * each timer began at the event before it fired.
   */
  step?: number;
  /**
   * What is written down instead of a chunk, to leave out secrets. The connection gets the chunk itself. Chunks are what
   * the system gave: a secret may lie in two of them. If it throws, the chunk is left out, with a warning.
   *
   * @example
   * record(connection, { redact: (bytes) => String(bytes).replace(/PASS .*\r/g, 'PASS secret\r') });
   */
  redact?: (bytes: Buffer, direction: 'received' | 'sent') => Chunk;
}

export const RECORD_OPTIONS: OptionNames<RecordOptions> = {
  scheduler: true,
  step: true,
  redact: true,
};

/** Checks options that were read. */
export function recordSettings(options: RecordOptions): Required<RecordOptions> {
  const { scheduler = asyncScheduler, step = 1, redact = asItIs } = options;
  checkScheduler(scheduler);
  checkInteger('step', step, 1, LONGEST_STEP);
  checkFunction('redact', redact);
  return { scheduler, step, redact };
}

const asItIs = (bytes: Buffer): Chunk => bytes;
