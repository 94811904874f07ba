import { checkBoolean, checkTimeout, optionsOf } from '../core/argument';
import { native } from '../core/native';
import { sendAllStaged } from '../core/staged';
import { failed } from './failures';
import { INTERRUPTIBLE_OPTIONS, type InterruptibleOptions } from './options';

const NO_SOCKETS = new Float64Array(0);

/**
 * Blocks the thread for a while.
 *
 * @param ms milliseconds, any number of them; fractions count, `Infinity` is for ever
 * @throws InterruptedError a signal came, and it is `interruptible`
 *
 * @example
 * while (!isReady()) sleep(50);
 */
export function sleep(ms: number, options: InterruptibleOptions = {}): void {
  checkTimeout('ms', ms);
  const { interruptible = false } = optionsOf('options', options, INTERRUPTIBLE_OPTIONS);
  checkBoolean('interruptible', interruptible);
  sendAllStaged();
  const result = native.poll(NO_SOCKETS, 0, ms, interruptible);
  if (result < 0) throw failed(result, 'sleep', 'poll', {});
}
