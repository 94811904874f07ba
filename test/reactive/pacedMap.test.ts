import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  delay,
  finalize,
  from,
  map,
  merge,
  mergeMap,
  NEVER,
  type ObservableInput,
  of,
  Subject,
  take,
  takeUntil,
} from 'rxjs';
import { type TestScheduler } from 'rxjs/testing';
import { lines, ndjson } from 'bipoll/framing';
import { decode, pacedMap, type PacedMapOptions } from 'bipoll/reactive';
import { writeAll } from 'bipoll/sync';
import { virtualConnection } from 'bipoll/testing';
import { readingOf } from '../../src/reactive/connection/Reading';
import { elementMoves } from '../support/elementMoves';
import { Pair } from '../support/Pair';
import { until } from '../support/until';
import { chunks, codeOf, failingWithCode, marbleScheduler } from '../testing/marbles';

const timeout = 2000;

let scheduler: TestScheduler;
beforeEach(() => {
  scheduler = marbleScheduler();
  // The diagrams of `hot` and `cold` are no connections, which they are told of.
  jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** Work on a value that takes some time. */
const work = (milliseconds: number) => (value: string) => of(value).pipe(delay(milliseconds));

test('works on one after the other', () => {
  scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
    const inner = { a: cold('    --x|'), b: cold('   --y|') };
    const source = cold<keyof typeof inner>('        -(ab)|');
    expectObservable(source.pipe(pacedMap((mark) => inner[mark]))).toBe('---x--y|');
    expectSubscriptions(source.subscriptions).toBe('   ^----!');
    expectSubscriptions(inner.a.subscriptions).toBe('  -^--!');
    expectSubscriptions(inner.b.subscriptions).toBe('  ----^--!');
  });
});

test('stops reading the connection until all frames of a chunk are worked on', () => {
  scheduler.run(({ expectObservable, expectSubscriptions }) => {
    const values = { a: '1\n2\n', b: '3\n' };
    const here = virtualConnection(scheduler, '-a-b---------|', { values });
    const done$ = here.data$.pipe(decode(lines()), pacedMap(work(3)));
    expectObservable(done$).toBe('             ----1--2--3--|');
    expectSubscriptions(here.reads).toBe(['    ^!', '-------(^!)', '----------^--!']);
  });
});

test('is done with its work when the peer has ended meanwhile', () => {
  scheduler.run(({ expectObservable, expectSubscriptions }) => {
    const here = virtualConnection(scheduler, '-a|', { values: { a: '1\n2\n' } });
    const done$ = here.data$.pipe(decode(lines()), pacedMap(work(3)));
    expectObservable(done$).toBe('             ----1--(2|)');
    expectSubscriptions(here.reads).toBe('     ^!');
    here.expectSent('                          --|');
  });
});

test('works on as many as concurrency allows, the others wait', () => {
  scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
    const inner = { a: cold('  ---x|'), b: cold(' ---y|'), c: cold(' ---z|') };
    const source = cold<keyof typeof inner>('      -(abc)|');
    const merged$ = source.pipe(pacedMap((mark) => inner[mark], { concurrency: 2 }));
    expectObservable(merged$).toBe('                 ----(xy)z|');
    expectSubscriptions(source.subscriptions).toBe(' ^-----!');
    expectSubscriptions(inner.a.subscriptions).toBe('-^---!');
    expectSubscriptions(inner.b.subscriptions).toBe('-^---!');
    expectSubscriptions(inner.c.subscriptions).toBe('-----^---!');
  });
});

test('stops reading the connection while that many are at work, through other operators', () => {
  scheduler.run(({ expectObservable, expectSubscriptions }) => {
    const values = { a: '1\n2\n', b: '3\n' };
    const here = virtualConnection(scheduler, '-a-b--------|', { values });
    const merged$ = here.data$.pipe(
      decode(lines()),
      map((line) => `${line}!`),
      pacedMap(work(4), { concurrency: 2 }),
    );
    expectObservable(merged$).toBe('           -----(xy)z--|', { x: '1!', y: '2!', z: '3!' });
    expectSubscriptions(here.reads).toBe(['     ^!', '-----^------!']);
  });
});

test('fails with the error of an inner Observable, and unsubscribes from all', () => {
  scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
    const inner = { a: cold('  -------x|'), b: cold(' --#') };
    const source = cold<keyof typeof inner>('      -a-b---|');
    const merged$ = source.pipe(pacedMap((mark) => inner[mark], { concurrency: 2 }));
    expectObservable(merged$).toBe('                 -----#');
    expectSubscriptions(source.subscriptions).toBe(' ^----!');
    expectSubscriptions(inner.a.subscriptions).toBe('-^---!');
    expectSubscriptions(inner.b.subscriptions).toBe('---^-!');
  });
});

test('fails with what the function throws', () => {
  scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
    const error = new Error('no');
    const source = cold('-a-|');
    const merged$ = source.pipe(
      pacedMap(() => {
        throw error;
      }),
    );
    expectObservable(merged$).toBe('-#', {}, error);
    expectSubscriptions(source.subscriptions).toBe('^!');
  });
});

test('fails with the error of the source', () => {
  scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
    const inner = cold('--x|');
    const source = cold('-a-#');
    expectObservable(source.pipe(pacedMap(() => inner))).toBe('---#');
    expectSubscriptions(source.subscriptions).toBe('^--!');
    expectSubscriptions(inner.subscriptions).toBe('-^-!');
  });
});

test('holds no connection back once it is unsubscribed from', () => {
  scheduler.run(({ expectObservable, expectSubscriptions }) => {
    const here = virtualConnection(scheduler, '-a-b--|');
    const stuck$ = here.data$.pipe(pacedMap(() => NEVER));
    expectObservable(stuck$, '         ^---!').toBe('-');
    expectObservable(here.data$, '     -----^').toBe('-----b|', chunks('b'));
    expectSubscriptions(here.reads).toBe(['     ^!', '-----^!']);
  });
});

test('keeps pace with inner Observables that complete at once', () => {
  scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-(abc)--|');
    const merged$ = source.pipe(pacedMap((value) => [value], { maxQueuedBytes: 1 }));
    expectObservable(merged$).toBe('-(abc)--|');
    expectSubscriptions(source.subscriptions).toBe('^-------!');
  });
});

test('holds nobody back any more once its source has completed', () => {
  scheduler.run(({ expectObservable, expectSubscriptions }) => {
    const here = virtualConnection(scheduler, '-a-b--|');
    const first$ = here.data$.pipe(
      take(1),
      pacedMap(() => NEVER),
    );
    expectObservable(first$, '         ^---------!').toBe('-');
    expectObservable(here.data$, '     --^').toBe('---b--|', chunks('b'));
    expectSubscriptions(here.reads).toBe(['     ^!', '--^---!']);
  });
});

test('emits what is in order when work that is done at once makes more of it', () => {
  const source = new Subject<number>();
  const results: number[] = [];
  source
    .pipe(
      pacedMap((value) => {
        if (value < 5) source.next(value + 1);
        return [value];
      }),
    )
    .subscribe((value) => results.push(value));
  source.next(0);
  expect(results).toEqual([0, 1, 2, 3, 4, 5]);
});

test('keeps the order of what comes while a value is being finished', () => {
  const source = new Subject<string>();
  const first = new Subject<string>();
  const results: string[] = [];
  const jobs: Record<string, ObservableInput<string>> = {
    a: first,
    b: of('b').pipe(
      finalize(() => {
        source.next('d');
      }),
    ),
  };
  source
    .pipe(pacedMap((value) => jobs[value] ?? [value]))
    .subscribe((value) => results.push(value));
  for (const value of ['a', 'b', 'c']) source.next(value);
  first.complete();
  expect(results).toEqual(['b', 'c', 'd']);
});

test.each(['seen', 'named'])('holds no %s connection whose value has ended the source', (how) => {
  scheduler.run(({ expectObservable, expectSubscriptions }) => {
    const here = virtualConnection(scheduler, '-a-b');
    const stop = new Subject<void>();
    const endAndGetStuck = () => {
      stop.next();
      return NEVER;
    };
    const last$ = here.data$.pipe(
      takeUntil(stop),
      pacedMap(endAndGetStuck, how === 'named' ? { holds: here } : {}),
    );
    expectObservable(last$).toBe('-');
    expectObservable(here.data$, '--^').toBe('---b', chunks('b'));
    expectSubscriptions(here.reads).toBe(['^!', '--^']);
  });
});

describe('the limit', () => {
  let stuck: Subject<string>;
  beforeEach(() => {
    stuck = new Subject();
  });

  /** How many values of a source that cannot be held back wait when it fails. */
  function capacity(value: unknown, maxQueuedBytes: number): number {
    const source = new Subject<unknown>();
    let failure: unknown;
    source.pipe(pacedMap(() => stuck, { maxQueuedBytes })).subscribe({
      error: (error: unknown) => (failure = codeOf(error)),
    });
    source.next(value);
    let waiting = -1;
    for (; failure === undefined; waiting++) source.next(value);
    expect(failure).toBe('ERR_QUEUE_FULL');
    expect(source.observed).toBe(false);
    return waiting;
  }

  test.each([
    { name: 'bytes', value: new Uint8Array(936) },
    { name: 'a view of any type', value: new Float64Array(117) },
    { name: 'text', value: 'x'.repeat(936) },
  ])('counts $name by its length, and 64 bytes for each value', ({ value }) => {
    expect(capacity(value, 10_000)).toBe(10);
    expect(capacity(value, 10_001)).toBe(11);
  });

  test.each(['', 5, null, undefined, {}, new Uint8Array(0)])(
    'counts 64 bytes for %p, so that it has an end as well',
    (value) => {
      expect(capacity(value, 6400)).toBe(100);
    },
  );

  test('counts objects by the bytes of their frames', () => {
    scheduler.run(({ expectObservable }) => {
      const record = `${JSON.stringify('x'.repeat(933))}\n`; // 936 bytes
      const values = { a: record.repeat(12), b: record };
      const here = virtualConnection(scheduler, '-(ab)', { values });
      const all$ = here.data$.pipe(
        decode(ndjson<string>()),
        map((text) => ({ text })),
      );
      // One is at work, 10 wait, and the twelfth is too much.
      const failing$ = all$.pipe(
        pacedMap(() => NEVER, { maxQueuedBytes: 10_000 }),
        failingWithCode(),
      );
      expectObservable(failing$).toBe('-#', {}, 'ERR_QUEUE_FULL');
    });
  });

  test('counts what was made of a frame by its bytes, behind another pacedMap as well', () => {
    scheduler.run(({ expectObservable }) => {
      const values = { a: `${JSON.stringify('x'.repeat(936))}\n`.repeat(12) };
      const here = virtualConnection(scheduler, '-a', { values });
      const failing$ = here.data$.pipe(
        decode(ndjson<string>()),
        pacedMap((text) => of({ text }).pipe(delay(1))),
        pacedMap(() => NEVER, { maxQueuedBytes: 10_000 }),
        failingWithCode(),
      );
      // They come one by one from frame 2 on.
      expectObservable(failing$, '^ 30ms !').toBe('-------------#', {}, 'ERR_QUEUE_FULL');
    });
  });

  test('counts what was made of a chunk by its bytes', () => {
    scheduler.run(({ expectObservable }) => {
      const many = Array.from({ length: 12 }, () =>
        virtualConnection(scheduler, '-a', { values: { a: Buffer.alloc(936) } }),
      );
      const failing$ = merge(...many.map(({ data$ }) => data$)).pipe(
        map((chunk) => ({ chunk })),
        pacedMap(() => NEVER, { maxQueuedBytes: 10_000 }),
        failingWithCode(),
      );
      expectObservable(failing$).toBe('-#', {}, 'ERR_QUEUE_FULL');
    });
  });

  test('is one for what waits, not for what has waited', () => {
    const source = new Subject<string>();
    const jobs = new Subject<string>();
    const failures: unknown[] = [];
    source
      .pipe(pacedMap(() => jobs.pipe(take(1)), { maxQueuedBytes: 100 }))
      .subscribe({ error: (error: unknown) => failures.push(error) });
    for (let i = 0; i < 100; i++) {
      source.next('x');
      source.next('x');
      jobs.next('done');
      jobs.next('done');
    }
    expect(failures).toEqual([]);
  });

  test('counts a frame once, whatever is made of it', () => {
    scheduler.run(({ expectObservable }) => {
      const values = { a: `${JSON.stringify(Array<number>(500).fill(1))}\n` }; // 1002 bytes
      const here = virtualConnection(scheduler, '-a', { values });
      const parts$ = here.data$.pipe(
        decode(ndjson<number[]>()),
        mergeMap((numbers) => numbers),
        map((number) => ({ number })),
      );
      const maxQueuedBytes = 499 * 64 + 1;
      expectObservable(parts$.pipe(pacedMap(() => NEVER, { maxQueuedBytes }))).toBe('-');
    });
  });

  test('is far above what one chunk brings, which a source that is held back sends at most', () => {
    scheduler.run(({ expectObservable, expectSubscriptions }) => {
      const here = virtualConnection(scheduler, '-a', { values: { a: '\n'.repeat(65_536) } });
      const lines$ = here.data$.pipe(decode(lines()));
      expectObservable(lines$.pipe(pacedMap(() => NEVER))).toBe('-');
      expectSubscriptions(here.reads).toBe('^!');
    });
  });

  test('ends a source that would emit without end while it is subscribed to', () => {
    let asked = 0;
    function* many(): Generator<string, void> {
      for (; asked < 10_000; asked++) yield 'x';
    }
    const failures: unknown[] = [];
    from(many())
      .pipe(pacedMap(() => stuck, { maxQueuedBytes: 650 }))
      .subscribe({ error: (error: unknown) => failures.push(codeOf(error)) });
    expect(failures).toEqual(['ERR_QUEUE_FULL']);
    expect(asked).toBeLessThan(20);
  });
});

test('takes an effort that grows with the frames of a chunk, not with their square', () => {
  const count = 20_000;
  scheduler.run(({ flush }) => {
    const here = virtualConnection(scheduler, 'a', { values: { a: '\n'.repeat(count) } });
    const jobs = new Subject<void>();
    let done = 0;
    here.data$
      .pipe(
        decode(lines()),
        pacedMap(() => jobs.pipe(take(1))),
      )
      .subscribe(() => done++);
    flush();
    const moves = elementMoves(() => {
      while (jobs.observed) jobs.next();
    });
    expect(done).toBe(count);
    expect(moves).toBeLessThan(20 * count);
  });
});

test('keeps what waits valid where memory is lent', async () => {
  const pairs = [new Pair({ borrow: true }), new Pair({ borrow: true })];
  const jobs = new Subject<void>();
  const done: string[] = [];
  merge(...pairs.map((pair) => pair.connection.data$))
    .pipe(
      pacedMap((chunk) =>
        jobs.pipe(
          take(1),
          map(() => chunk.toString()),
        ),
      ),
    )
    .subscribe((text) => done.push(text));
  const hold = jest.spyOn(readingOf('connection', pairs[1]!.connection), 'hold');
  writeAll(pairs[0]!.peer, 'at work', { timeout });
  await until(() => jobs.observed);
  writeAll(pairs[1]!.peer, 'waiting', { timeout });
  await until(() => hold.mock.calls.length === 1);
  await nextTurn();
  jobs.next();
  jobs.next();
  expect(done[1]).toBe('waiting');
  for (const pair of pairs) pair.close();
});

test('bad arguments are refused with a code', () => {
  const type = expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' });
  const range = expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' });
  const make = (options: unknown) => () => pacedMap(() => [], options as PacedMapOptions);
  expect(() => pacedMap('no' as never)).toThrow(type);
  expect(make(null)).toThrow(type);
  expect(make(2)).toThrow(type);
  expect(make({ concurrency: '2' })).toThrow(type);
  expect(make({ concurrency: 0 })).toThrow(range);
  expect(make({ maxQueuedBytes: 0 })).toThrow(range);
  expect(make({ holds: {} })).toThrow(type);
  expect(make({ holds: [null] })).toThrow(type);
});

test('a project that returns nothing to subscribe to is an error with a code', () => {
  const error = jest.fn();
  of(1)
    .pipe(pacedMap((() => undefined) as never))
    .subscribe({ error });
  expect(error).toHaveBeenCalledWith(expect.objectContaining({ code: 'ERR_INVALID_RETURN_VALUE' }));
});
