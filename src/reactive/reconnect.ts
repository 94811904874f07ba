import {
  asyncScheduler,
  type MonoTypeOperatorFunction,
  Observable,
  type SchedulerLike,
  Subscription,
} from 'rxjs';
import {
  checkBoolean,
  checkFunction,
  checkTimeout,
  invalidType,
  type OptionNames,
  optionsOf,
  outOfRange,
} from '../core/argument';
import { checkScheduler } from './connection/options';
import { Context } from './loop/Context';

/** @see reconnect */
export interface ReconnectOptions {
  /** Milliseconds before the first attempt after a failure, doubled for each that follows; 100 by default. */
  delay?: number;
  /** The most milliseconds between two attempts; 30000 by default. */
  maxDelay?: number;
  /**
   * The part of a delay that is left to chance, from 0 to 1; 0.5 by default. So the clients of a server that was
   * restarted do not all come back at once.
   */
  jitter?: number;
  /** A source of chance, from 0 to 1; `Math.random` by default. */
  random?: () => number;
  /** Whether an end in order is followed by another attempt, too; true by default. */
  repeat?: boolean;
  /** Whether an error may pass; any may by default. Of one that may not, such as a refused password, the Observable fails. */
  retryable?: (error: unknown) => boolean;
  scheduler?: SchedulerLike;
}

const RECONNECT_OPTIONS: OptionNames<ReconnectOptions> = {
  delay: true,
  maxDelay: true,
  jitter: true,
  random: true,
  repeat: true,
  retryable: true,
  scheduler: true,
};

/**
 * Subscribes again when the source fails or completes, after a delay that grows exponentially up to a cap, and begins
 * anew as soon as the source has emitted something: as soon as there was a connection.
 *
 * @throws TypeError RangeError `ERR_INVALID_ARG_*`, `ERR_OUT_OF_RANGE`
 *
 * @example
 * connect({ port: 6379 })
 *   .pipe(switchMap((connection) => subscribeTo(connection, 'news')), reconnect({ maxDelay: 5000 }))
 *   .subscribe();
 */
export function reconnect<T>(options: ReconnectOptions = {}): MonoTypeOperatorFunction<T> {
  const {
    delay = 100,
    maxDelay = 30_000,
    jitter = 0.5,
    random = Math.random,
    repeat = true,
    retryable = () => true,
    scheduler = asyncScheduler,
  } = optionsOf('options', options, RECONNECT_OPTIONS);
  checkTimeout('delay', delay);
  checkTimeout('maxDelay', maxDelay);
  if (typeof jitter !== 'number') throw invalidType('jitter', 'a number', jitter);
  if (!(jitter >= 0 && jitter <= 1)) throw outOfRange('jitter', '>= 0 and <= 1', jitter);
  checkFunction('random', random);
  checkFunction('retryable', retryable);
  checkBoolean('repeat', repeat);
  checkScheduler(scheduler);
  return (source) =>
    new Observable((subscriber) => {
      // Not that of whoever closes a connection: the attempts that follow have nothing to do with that.
      const context = new Context();
      let failures = 0;
      let current = new Subscription();
      const attempt = (): void => {
        const subscription = new Subscription();
        current = subscription;
        const again = (): void => {
          subscription.unsubscribe();
          const backoff = Math.min(maxDelay, delay * 2 ** failures++);
          current = scheduler.schedule(
            () => {
              context.run(attempt);
            },
            backoff * (1 - jitter * random()),
          );
        };
        const complete = (): void => {
          subscriber.complete();
        };
        subscription.add(
          source.subscribe({
            next(value) {
              failures = 0;
              subscriber.next(value);
            },
            error(error: unknown) {
              if (retryable(error)) again();
              else subscriber.error(error);
            },
            complete: repeat ? again : complete,
          }),
        );
      };
      attempt();
      return () => {
        current.unsubscribe();
      };
    });
}
