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
  checkInteger,
  checkTimeout,
  invalidType,
  type OptionNames,
  optionsOf,
  outOfRange,
} from '../core/argument';
import { checkScheduler } from './connection/options';
import { Context } from './loop/Context';
import { after } from './timer';

/** What `onAttempt` is told. @see reconnect */
export interface ReconnectAttempt {
  /** The number of the attempt, counted from 1 since the last connection that lived. */
  readonly attempt: number;
  /** In how many milliseconds it begins. */
  readonly delay: number;
  /** Why there is another one: what the source failed with, or null if it completed. */
  readonly error: unknown;
}

/** @see reconnect */
export interface ReconnectOptions {
  /** Milliseconds before the next attempt, doubled for each that follows; 100 by default. */
  delay?: number;
  /** The most milliseconds between two attempts; 30000 by default. */
  maxDelay?: number;
  /**
   * The random part of a delay, from 0 to 1; 0.5 by default. It keeps the clients of a restarted server from coming
   * back all at once.
   */
  jitter?: number;
  /** A source of chance, from 0 to 1; `Math.random` by default. */
  random?: () => number;
  /** Whether an orderly end is followed by another attempt too; true by default. */
  repeat?: boolean;
  /**
   * Whether an error is worth another attempt; by default every error is. With any other, such as a refused password,
   * the Observable fails.
   */
  retryable?: (error: unknown) => boolean;
  /**
   * How many further attempts may follow each other without a connection that proves itself, before the Observable
   * fails with the last error, or completes if the source did: with 3 there are at most 4 in a row. No limit by default.
   */
  attempts?: number;
  /** Called before each wait for another attempt. */
  onAttempt?: (attempt: ReconnectAttempt) => void;
  /** Where the time comes from; rxjs' `asyncScheduler` by default. */
  scheduler?: SchedulerLike;
}

/** Milliseconds after which a connection has proved itself in any case, however long the delays are. */
const PROVED = 60_000;

/** More doublings would make the factor infinite, and zero times infinity is NaN. */
const MOST_DOUBLINGS = 1023;

const RECONNECT_OPTIONS: OptionNames<ReconnectOptions> = {
  delay: true,
  maxDelay: true,
  jitter: true,
  random: true,
  repeat: true,
  retryable: true,
  attempts: true,
  onAttempt: true,
  scheduler: true,
};

/**
 * Subscribes again when the source fails or completes, after a delay that doubles each time up to a cap. The delay begins
 * anew only after a connection has proved itself: when the source failed, it was `maxDelay` (at most a minute) since it
 * had first emitted something. So a server that accepts and hangs up at once is not stormed.
 *
 * An error of the Observable: the source's, if it is not followed by another attempt; what `random`, `retryable` or
 * `onAttempt` throws; `ERR_OUT_OF_RANGE` if `random` returns something that is not from 0 to 1.
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
    attempts = Infinity,
    onAttempt = () => undefined,
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
  checkFunction('onAttempt', onAttempt);
  if (attempts !== Infinity) checkInteger('attempts', attempts, 0, Number.MAX_SAFE_INTEGER);
  const provedAfter = Math.min(maxDelay, PROVED);
  const waitAfter = (failures: number): number => {
    const backoff = Math.min(maxDelay, delay * 2 ** Math.min(failures, MOST_DOUBLINGS));
    const chance = random();
    if (!(chance >= 0 && chance <= 1)) throw outOfRange('random()', '>= 0 and <= 1', chance);
    return backoff === Infinity ? backoff : backoff * (1 - jitter * chance);
  };
  return (source) =>
    new Observable((subscriber) => {
      // The subscriber's context: the attempts that follow have nothing to do with the code that closed the connection.
      const context = new Context();
      let failures = 0;
      let current = new Subscription();
      const subscribe = (): void => {
        const subscription = new Subscription();
        current = subscription;
        let livesSince = Infinity;
        const again = (error: unknown, giveUp: () => void): void => {
          subscription.unsubscribe();
          if (scheduler.now() - livesSince >= provedAfter) failures = 0;
          if (failures >= attempts) {
            giveUp();
            return;
          }
          const wait = waitAfter(failures++);
          onAttempt({ attempt: failures, delay: wait, error });
          if (subscriber.closed) return; // onAttempt may have unsubscribed
          current = after(
            scheduler,
            wait,
            () => {
              context.run(subscribe);
            },
            true,
          );
        };
        const complete = (): void => {
          subscriber.complete();
        };
        // If a callback of the options throws, the Observable fails.
        const guard = (call: () => void): void => {
          try {
            call();
          } catch (error) {
            subscriber.error(error);
          }
        };
        subscription.add(
          source.subscribe({
            next(value) {
              livesSince = Math.min(livesSince, scheduler.now());
              subscriber.next(value);
            },
            error(error: unknown) {
              const fail = () => {
                subscriber.error(error);
              };
              guard(() => {
                if (retryable(error)) again(error, fail);
                else fail();
              });
            },
            complete: repeat
              ? () => {
                  guard(() => {
                    again(null, complete);
                  });
                }
              : complete,
          }),
        );
      };
      subscribe();
      return () => {
        current.unsubscribe();
      };
    });
}
