import {
  asyncScheduler,
  defer,
  mergeMap,
  of,
  Subject,
  take,
  throwError,
  VirtualTimeScheduler,
} from 'rxjs';
import { type TestScheduler } from 'rxjs/testing';
import { lines } from 'bipoll/framing';
import { encode, reconnect } from 'bipoll/reactive';
import { virtualConnection } from 'bipoll/testing';
import { as, whose } from '../support/stores';
import { chunks, failingWithCode, marbleScheduler } from '../testing/marbles';

let scheduler: TestScheduler;
beforeEach(() => {
  scheduler = marbleScheduler();
});

describe('encode', () => {
  test('turns frames into bytes', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('                                   -a-b-|');
      const expected = chunks('ab', { a: 'a\n', b: 'b\n' });
      expectObservable(source.pipe(encode(lines()))).toBe('   -a-b-|', expected);
      expectSubscriptions(source.subscriptions).toBe('        ^----!');
    });
  });

  test('fails at a frame that the encoder cannot say, and unsubscribes', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('                                   -a-b-|', { a: 'a', b: 'b\nb' });
      const bytes$ = source.pipe(encode(lines()), failingWithCode());
      const expected = chunks('a', { a: 'a\n' });
      expectObservable(bytes$).toBe(
        '                         -a-#',
        expected,
        'ERR_INVALID_ARG_VALUE',
      );
      expectSubscriptions(source.subscriptions).toBe('        ^--!');
    });
  });

  test('passes the error of the source on', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('                           --#');
      expectObservable(source.pipe(encode(lines()))).toBe('   --#');
      expectSubscriptions(source.subscriptions).toBe('        ^-!');
    });
  });
});

describe('reconnect', () => {
  const options = { delay: 2, maxDelay: 5, jitter: 0 };

  test('tries again after a delay that doubles up to its limit', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-#');
      const unsubscribed = '                                      ^-----------------!';
      expectObservable(source.pipe(reconnect(options)), unsubscribed).toBe('-');
      expectSubscriptions(source.subscriptions).toBe([
        '^!',
        '---^!',
        '--------^!',
        '--------------^!',
      ]);
    });
  });

  test('fails with an error that may not pass', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const attempts = [cold('-#', {}, 'refused'), cold('-#', {}, 'wrong password')];
      let index = 0;
      const source = defer(() => attempts[index++]!);
      const retryable = (error: unknown) => error === 'refused';
      expectObservable(source.pipe(reconnect({ ...options, retryable }))).toBe(
        '----#',
        {},
        'wrong password',
      );
      expectSubscriptions(attempts[1]!.subscriptions).toBe('---^!');
    });
  });

  test('begins anew after a connection that has lived as long as the longest delay', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const attempts = [cold('-#'), cold('-#'), cold('a----#'), cold('-#')];
      let index = 0;
      const source = defer(() => attempts[index++]!);
      expectObservable(source.pipe(reconnect(options)), '^----------------!').toBe('--------a');
      expectSubscriptions(attempts[0]!.subscriptions).toBe('^!');
      expectSubscriptions(attempts[1]!.subscriptions).toBe('---^!');
      expectSubscriptions(attempts[2]!.subscriptions).toBe('--------^----!');
      expectSubscriptions(attempts[3]!.subscriptions).toBe('---------------^!');
    });
  });

  test('storms no server that accepts and hangs up', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a#');
      const unsubscribed = '                            ^-----------------!';
      expectObservable(source.pipe(reconnect(options)), unsubscribed).toBe('a--a----a-----a');
      expectSubscriptions(source.subscriptions).toBe([
        '^!',
        '---^!',
        '--------^!',
        '--------------^!',
      ]);
    });
  });

  test('gives up after so many attempts, with the last error', () => {
    scheduler.run(({ cold, expectObservable }) => {
      const again$ = cold('-#', {}, 'refused').pipe(reconnect({ ...options, attempts: 2 }));
      expectObservable(again$).toBe('---------#', {}, 'refused');
    });
  });

  test('tells of each attempt that follows, when it begins and why', () => {
    scheduler.run(({ cold, expectObservable, flush }) => {
      const sources = [cold('-#', {}, 'refused'), cold('-|')];
      const told: unknown[] = [];
      const onAttempt = (attempt: unknown) => told.push(attempt);
      let index = 0;
      const source = defer(() => sources[index++]!);
      expectObservable(source.pipe(reconnect({ ...options, onAttempt })), '^----!').toBe('-');
      flush();
      expect(told).toEqual([
        { attempt: 1, delay: 2, error: 'refused' },
        { attempt: 2, delay: 4, error: null },
      ]);
    });
  });

  test.each([2 ** 31, 2 ** 40, Infinity])('waits %d milliseconds', (delay) => {
    const schedule = jest.spyOn(asyncScheduler, 'schedule');
    const failing = throwError(() => new Error('refused'));
    failing
      .pipe(reconnect({ delay, maxDelay: Infinity, jitter: 0 }))
      .subscribe()
      .unsubscribe();
    // More than this a timer of JavaScript takes for nothing.
    for (const [, wait] of schedule.mock.calls) expect(wait).toBe(2 ** 31 - 1);
    expect(schedule).toHaveBeenCalledTimes(delay === Infinity ? 0 : 1);
    schedule.mockRestore();
  });

  test('makes no attempt that onAttempt has unsubscribed from, and leaves no timer', () => {
    scheduler.run(({ cold, expectSubscriptions, flush }) => {
      const source = cold('-#');
      const onAttempt = () => {
        attempts.unsubscribe();
      };
      const attempts = source.pipe(reconnect({ ...options, onAttempt, scheduler })).subscribe();
      flush();
      expectSubscriptions(source.subscriptions).toBe(['^!']);
      expect(scheduler.actions).toEqual([]);
    });
  });

  test('subscribes in the context of its subscriber, and not in that of whoever closes a connection', () => {
    scheduler.run(({ flush }) => {
      const seenBy: unknown[] = [];
      const ended = new Subject<never>();
      as('subscriber', () =>
        defer(() => {
          seenBy.push(whose());
          return ended;
        })
          .pipe(take(1), reconnect({ ...options, attempts: 1, scheduler }))
          .subscribe(),
      );
      as('closer', () => {
        ended.complete();
      });
      flush();
      expect(seenBy).toEqual(['subscriber', 'subscriber']);
    });
  });

  test.each(['random', 'retryable', 'onAttempt'])('fails with what %s throws', (name) => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-#', {}, 'refused');
      const throwing = () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- a marble of its own
        throw 'thrown';
      };
      const again$ = source.pipe(reconnect({ ...options, [name]: throwing }));
      expectObservable(again$, '^----!').toBe('-#', {}, 'thrown');
      expectSubscriptions(source.subscriptions).toBe('^!');
    });
  });

  test.each([NaN, -0.1, 1.1])('fails if chance is %d', (chance) => {
    scheduler.run(({ cold, expectObservable }) => {
      const again$ = cold('-#').pipe(
        reconnect({ ...options, random: () => chance }),
        failingWithCode(),
      );
      expectObservable(again$, '^----!').toBe('-#', {}, 'ERR_OUT_OF_RANGE');
    });
  });

  test.each([
    { delay: 0, attempts: 1100, jitter: 0 },
    { delay: Infinity, attempts: 1, jitter: 1 },
  ])('a delay of $delay stays so, whatever the failures and the chance', (given) => {
    const virtual = new VirtualTimeScheduler();
    const delays = new Set<number>();
    const again$ = throwError(() => 'refused').pipe(
      reconnect({
        ...given,
        maxDelay: Infinity,
        random: () => 1,
        onAttempt: ({ delay }) => delays.add(delay),
        scheduler: virtual,
      }),
    );
    again$.subscribe({ error: () => undefined });
    virtual.flush();
    expect([...delays]).toEqual([given.delay]);
  });

  test('leaves a part of the delay to chance', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const chances = [0, 1, 0.5];
      const random = () => chances.shift()!;
      const source = cold('#');
      const again$ = source.pipe(reconnect({ delay: 8, maxDelay: 8, jitter: 0.5, random }));
      expectObservable(again$, '                    ^-----------------!').toBe('-');
      expectSubscriptions(source.subscriptions).toBe(['(^!)', '--------(^!)', '------------(^!)']);
    });
  });

  test('follows an end in order with another attempt', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a|');
      expectObservable(source.pipe(reconnect(options), take(2))).toBe('-a---(a|)');
      expectSubscriptions(source.subscriptions).toBe(['^-!', '----^!']);
    });
  });

  test('ends with an end in order, if so asked', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a|');
      const once$ = source.pipe(reconnect({ ...options, repeat: false }));
      expectObservable(once$).toBe('-a|');
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
  });

  test('tries no more once it is unsubscribed from while it waits', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-#');
      expectObservable(source.pipe(reconnect(options)), '^-!').toBe('-');
      expectSubscriptions(source.subscriptions).toBe('^!');
    });
  });

  test('makes a new connection for each attempt', () => {
    scheduler.run(({ expectObservable }) => {
      const connect$ = defer(() => of(virtualConnection(scheduler, '-a-#')));
      const chunks$ = connect$.pipe(
        mergeMap((connection) => connection.data$),
        reconnect(options),
        take(2),
      );
      expectObservable(chunks$).toBe('-a----(a|)', chunks('a'));
    });
  });
});
