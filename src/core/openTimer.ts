import { checkTimeout, type OptionNames, optionsOf, outOfRange } from './argument';
import { orThrow } from './errors';
import { native } from './native';
import { Timer } from './Timer';

/** @see openTimer */
export interface TimerOptions {
  /** Milliseconds until it expires; fractions count, `Infinity` is never. */
  delay: number;
  /** Milliseconds between further expirations, at least 1. Without it the timer expires once. */
  interval?: number;
}

const TIMER_OPTIONS: OptionNames<TimerOptions> = { delay: true, interval: true };

const MIN_INTERVAL = 1;

/**
 * Starts a timer, on a clock that nobody can set. It calls nobody: wait for its `'expired'`. It does not keep the
 * process alive, but a subscribed `readiness` of it does. Intervals are counted from the start, so a script that is
 * late once does not put off the next.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`; RangeError `ERR_OUT_OF_RANGE`
 *
 * @example
 * using tick = openTimer({ delay: 0, interval: 1000 });
 * poller.monitor(tick, 'expired');
 * for (const { socket } of poller.wait(Infinity)) if (socket === tick && tick.take()) report();
 */
export function openTimer(options: TimerOptions): Timer {
  const { delay, interval = Infinity } = optionsOf('options', options, TIMER_OPTIONS);
  checkTimeout('delay', delay);
  checkTimeout('interval', interval);
  if (interval < MIN_INTERVAL) throw outOfRange('interval', `>= ${MIN_INTERVAL}`, interval);
  return new Timer(orThrow(native.openTimer(delay, interval), 'openTimer'));
}
