import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  catchError,
  concat,
  delay,
  endWith,
  firstValueFrom,
  map,
  merge,
  of,
  share,
  startWith,
  switchMap,
  take,
  tap,
} from 'rxjs';
import { type TestScheduler } from 'rxjs/testing';
import { delimiter, lines, ndjson } from 'bipoll/framing';
import { decode, type EventLoop, pacedMap } from 'bipoll/reactive';
import { writeAll } from 'bipoll/sync';
import { virtualConnection } from 'bipoll/testing';
import { compositions } from '../support/compositions';
import { loops } from '../support/loops';
import { Pair } from '../support/Pair';
import { until } from '../support/until';
import { chunks, codeOf, failingWithCode, marbleScheduler } from '../testing/marbles';

const timeout = 2000;

let scheduler: TestScheduler;
beforeEach(() => {
  scheduler = marbleScheduler();
});

const values = { a: 'one\ntw', b: 'o\nthree\n', c: 'four' };
const frames = { 1: 'one', 2: 'two', 3: 'three', 4: 'four' };

test('cuts chunks into frames, and takes what is left at the end as the last', () => {
  scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('                          -a-b----c-|', chunks('abc', values));
    const expected = '                            -1-(23)---(4|)';
    expectObservable(source.pipe(decode(lines()))).toBe(expected, frames);
    expectSubscriptions(source.subscriptions).toBe('^---------!');
  });
});

test('passes the error of the source on', () => {
  scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('                         -a-#', chunks('a', values));
    expectObservable(source.pipe(decode(lines()))).toBe('-1-#', frames);
    expectSubscriptions(source.subscriptions).toBe('^--!');
  });
});

test('fails at bytes that are no frame, and unsubscribes', () => {
  scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('                         -a-b-|', chunks('ab', { a: '1\n', b: '{\n' }));
    const frames$ = source.pipe(decode(ndjson()), failingWithCode());
    expectObservable(frames$).toBe('              -x-#', { x: 1 }, 'ERR_FRAME_MALFORMED');
    expectSubscriptions(source.subscriptions).toBe('^--!');
  });
});

test('fails at a frame over the limit', () => {
  scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('                         -a-|', chunks('a', { a: 'longer' }));
    const frames$ = source.pipe(decode(lines({ maxBytes: 3 })), failingWithCode());
    expectObservable(frames$).toBe('              -#', {}, 'ERR_FRAME_TOO_LARGE');
    expectSubscriptions(source.subscriptions).toBe('^!');
  });
});

test('gives the bytes behind the last frame back, when it is unsubscribed from', () => {
  scheduler.run(({ expectObservable, expectSubscriptions }) => {
    const here = virtualConnection(scheduler, '-a---b---|', { values });
    const first$ = here.data$.pipe(decode(lines()), take(1));
    expectObservable(first$).toBe('            -(1|)', frames);
    expectObservable(here.data$, '---^').toBe(' ---a-b---|', {
      a: Buffer.from('tw'),
      b: Buffer.from(values.b),
    });
    expectSubscriptions(here.reads).toBe([' ^!', '---^-----!']);
  });
});

test('gives whole frames back that nobody took', () => {
  scheduler.run(({ expectObservable, expectSubscriptions }) => {
    const here = virtualConnection(scheduler, '-b-|', { values: { b: '1\n2\n3\n' } });
    const frames$ = here.data$.pipe(decode(ndjson()));
    expectObservable(frames$.pipe(take(2))).toBe('-(ab|)', { a: 1, b: 2 });
    expectObservable(frames$, '--^').toBe('        --a|', { a: 3 });
    expectSubscriptions(here.reads).toBe(['         ^!', '--^!']);
  });
});

test('gives the bytes of a bad frame back', () => {
  scheduler.run(({ expectObservable }) => {
    const here = virtualConnection(scheduler, '-a', { values: { a: '1\n{\n' } });
    const frames$ = here.data$.pipe(decode(ndjson()), failingWithCode());
    expectObservable(frames$).toBe('           -(x#)', { x: 1 }, 'ERR_FRAME_MALFORMED');
    expectObservable(here.data$, '--^').toBe('  --a', chunks('a', { a: '{\n' }));
  });
});

test.each([['text'], [5], [null], [{ length: 1 }]])(
  'fails with a chunk that is no bytes: %p',
  (chunk) => {
    const told: unknown[] = [];
    of(chunk as unknown as Buffer)
      .pipe(decode(lines()))
      .subscribe({
        next: () => told.push('a frame'),
        error: (error: unknown) => told.push(codeOf(error)),
        complete: () => told.push('the end'),
      });
    expect(told).toEqual(['ERR_INVALID_ARG_TYPE']);
  },
);

describe('of several connections that come together', () => {
  test('cuts each into frames for itself', () => {
    scheduler.run(({ expectObservable }) => {
      const [x, y] = [
        { a: 'on', b: 'e\n' },
        { a: 'tw', b: 'o\n' },
      ];
      const one = virtualConnection(scheduler, '  -a--b-|', { values: x });
      const other = virtualConnection(scheduler, '--a--b-|', { values: y });
      const frames$ = merge(one.data$, other.data$).pipe(decode(lines()));
      expectObservable(frames$).toBe('          ----12-|', frames);
    });
  });

  test('takes what is left at the end of one as its last frame', () => {
    scheduler.run(({ expectObservable }) => {
      const one = virtualConnection(scheduler, '  -a-|', { values: { a: 'one' } });
      const other = virtualConnection(scheduler, '-----b-|', { values: { b: 'two' } });
      const frames$ = concat(one.data$, other.data$).pipe(decode(lines()));
      expectObservable(frames$).toBe('          ---1---(2|)', frames);
    });
  });

  test('fails when one ends within a frame', () => {
    scheduler.run(({ expectObservable, expectSubscriptions }) => {
      const one = virtualConnection(scheduler, '  -a-|', { values: { a: '{' } });
      const other = virtualConnection(scheduler, '-----b-|');
      const frames$ = merge(one.data$, other.data$).pipe(decode(ndjson()), failingWithCode());
      expectObservable(frames$).toBe('          ---#', {}, 'ERR_FRAME_TRUNCATED');
      expectSubscriptions(other.reads).toBe('           ^--!');
    });
  });

  test('gives what is left of one back when another takes its place', () => {
    scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const one = virtualConnection(scheduler, '  -a------', { values: { a: 'one\ntw' } });
      const other = virtualConnection(scheduler, '----b---|', { values: { b: 'two\n' } });
      const current = hot('                       x--y|', { x: one, y: other });
      const frames$ = current.pipe(
        switchMap(({ data$ }) => data$),
        decode(lines()),
      );
      expectObservable(frames$).toBe('          -1--2---|', frames);
      expectObservable(one.data$, '             -----^--!').toBe(
        '-----a',
        chunks('a', { a: 'tw' }),
      );
      expectSubscriptions(one.reads).toBe(['      ^--!', '-----^--!']);
    });
  });

  test('what is put before a connection belongs to its first frame', () => {
    scheduler.run(({ expectObservable }) => {
      const here = virtualConnection(scheduler, '-a|', { values: { a: 'e\n' } });
      const frames$ = here.data$.pipe(startWith(Buffer.from('on')), decode(lines()));
      expectObservable(frames$).toBe('           -1|', frames);
    });
  });

  test('what is put before a connection that the value of another has chosen does, too', () => {
    scheduler.run(({ expectObservable }) => {
      const control = virtualConnection(scheduler, '-c');
      const here = virtualConnection(scheduler, '--a|', { values: { a: 'e\n' } });
      const framed$ = here.data$.pipe(startWith(Buffer.from('on')), decode(lines()));
      expectObservable(control.data$.pipe(switchMap(() => framed$))).toBe('--1', frames);
    });
  });

  test('what is put in the place of one that fails is a stream of its own', () => {
    scheduler.run(({ expectObservable }) => {
      const here = virtualConnection(scheduler, '-a-#', { values: { a: 'one\ntw' } });
      const frames$ = here.data$.pipe(
        catchError(() => [Buffer.from('thr'), Buffer.from('ee\n')]),
        decode(lines()),
      );
      expectObservable(frames$).toBe('           -1-(3|)', frames);
    });
  });

  test('what is put behind a connection belongs to its last frame', () => {
    scheduler.run(({ expectObservable }) => {
      const here = virtualConnection(scheduler, '-a|', { values: { a: 'on' } });
      const frames$ = here.data$.pipe(endWith(Buffer.from('e\n')), decode(lines()));
      expectObservable(frames$).toBe('           --(1|)', frames);
    });
  });

  test('is one stream of those that come later', () => {
    scheduler.run(({ expectObservable }) => {
      const values = { a: 'on', b: 'e\ntw' };
      const here = virtualConnection(scheduler, '-a--b|', { values });
      const frames$ = here.data$.pipe(delay(2), decode(lines()));
      expectObservable(frames$).toBe('           ------(1x|)', { 1: 'one', x: 'tw' });
    });
  });
});

describe('giving back', () => {
  test('goes through operators that pass chunks on as they are', () => {
    scheduler.run(({ expectObservable }) => {
      const here = virtualConnection(scheduler, '-a', { values: { a: 'one\ntwo' } });
      const first$ = of(here).pipe(
        switchMap(({ data$ }) => data$.pipe(tap())),
        decode(lines()),
        take(1),
      );
      expectObservable(first$).toBe('            -(1|)', frames);
      expectObservable(here.data$, '---^').toBe(' ---a', chunks('a', { a: 'two' }));
    });
  });

  test('is not done with what was put before them', () => {
    scheduler.run(({ expectObservable }) => {
      const here = virtualConnection(scheduler, '-a-b', { values: { a: '{', b: '\n2\n3' } });
      const broken$ = here.data$.pipe(startWith(Buffer.from('{')), decode(ndjson()));
      expectObservable(broken$.pipe(failingWithCode()), '^').toBe(
        '---#',
        {},
        'ERR_FRAME_MALFORMED',
      );
      expectObservable(here.data$, '----^').toBe('----');
    });
  });

  test('is done with what came after what was put before them', () => {
    scheduler.run(({ expectObservable }) => {
      const here = virtualConnection(scheduler, '-a', { values: { a: 'e\ntwo' } });
      const first$ = here.data$.pipe(startWith(Buffer.from('on')), decode(lines()), take(1));
      expectObservable(first$).toBe('            -(1|)', frames);
      expectObservable(here.data$, '---^').toBe(' ---a', chunks('a', { a: 'two' }));
    });
  });

  test('is not done while somebody else goes on reading', () => {
    scheduler.run(({ expectObservable }) => {
      const here = virtualConnection(scheduler, '-a---b', { values: { a: 'one\ntwo', b: 'b' } });
      const shared$ = here.data$.pipe(share());
      expectObservable(shared$, '^--!').toBe('             -a', chunks('a', { a: 'one\ntwo' }));
      expectObservable(shared$.pipe(decode(lines()), take(1))).toBe('-(1|)', frames);
      expectObservable(here.data$, '----^').toBe(' -----b', chunks('b'));
    });
  });

  test('is done with a frame that the end of the peer has cut off', () => {
    scheduler.run(({ expectObservable }) => {
      const options = { values: { a: '{' }, allowHalfOpen: true };
      const here = virtualConnection(scheduler, '-a|', options);
      const frames$ = here.data$.pipe(decode(ndjson()), failingWithCode());
      expectObservable(frames$).toBe('           --#', {}, 'ERR_FRAME_TRUNCATED');
      expectObservable(here.data$, '----^').toBe('----(a|)', chunks('a', { a: '{' }));
    });
  });

  test('is not done with what operators made of the chunks', () => {
    scheduler.run(({ expectObservable }) => {
      const here = virtualConnection(scheduler, '-a', { values: { a: 'ONE\nTWO' } });
      const lowered$ = here.data$.pipe(map((chunk) => Buffer.from(chunk.toString().toLowerCase())));
      expectObservable(lowered$.pipe(decode(lines()), take(1))).toBe('-(1|)', frames);
      expectObservable(here.data$, '---^').toBe('---');
    });
  });
});

/** Without what `startWith` has put before it. */
const textOf = (frame: Buffer) => frame.toString().replace('\0', '');

describe.each(loops)('of lent chunks, on $name', ({ open }) => {
  let loop: EventLoop;
  beforeEach(() => {
    loop = open();
  });
  afterEach(() => {
    loop.close();
  });

  test.each(compositions.filter(({ isSynchronous }) => isSynchronous))(
    'gives frames that stay valid, through $name',
    async ({ compose }) => {
      const pair = new Pair({ loop, borrow: true });
      const kept: Buffer[] = [];
      compose(pair.connection.data$)
        .pipe(
          decode(delimiter('\n')),
          pacedMap(async (frame) => {
            await nextTurn();
            kept.push(frame);
          }),
        )
        .subscribe();
      for (const text of ['first', 'second', 'third\nfourth\nfifth']) {
        writeAll(pair.peer, `${text}\n`, { timeout });
        await until(() => kept.length > 0 && text.endsWith(textOf(kept.at(-1)!)));
      }
      expect(kept.map(textOf)).toEqual(['first', 'second', 'third', 'fourth', 'fifth']);
      pair.close();
    },
  );

  test('fails with a chunk that has been taken back', async () => {
    const pair = new Pair({ loop, borrow: true });
    const frames$ = of(pair.connection).pipe(
      switchMap(({ data$ }) => data$),
      delay(0),
      decode(lines()),
    );
    writeAll(pair.peer, 'lost\n', { timeout });
    await expect(firstValueFrom(frames$)).rejects.toMatchObject({ code: 'ERR_INVALID_STATE' });
    pair.close();
  });
});

describe('with a timeout', () => {
  const read = { a: 'one\ntw', b: 'o\nthr', c: 'ee', d: 'ee\n' };
  const limited = (milliseconds: number) => decode(lines(), { timeout: milliseconds, scheduler });

  test('fails at a frame that is not complete in time, however many bytes come meanwhile', () => {
    scheduler.run(({ expectObservable }) => {
      const { data$ } = virtualConnection(scheduler, 'a-b-c-c-c-c', { values: read });
      const frames$ = data$.pipe(limited(6), failingWithCode());
      expectObservable(frames$).toBe('                1-2-----#', frames, 'ETIMEDOUT');
    });
  });

  test('says of whom, and how much of the frame there was', () => {
    scheduler.run(({ flush }) => {
      const connection = virtualConnection(scheduler, '-a', {
        values: read,
        remoteAddress: '192.0.2.1',
        remotePort: 7000,
      });
      let error: unknown;
      connection.data$.pipe(limited(5)).subscribe({ error: (each: unknown) => (error = each) });
      flush();
      expect(error).toMatchObject({
        name: 'TimeoutError',
        message:
          'connection ETIMEDOUT 192.0.2.1:7000: a frame did not arrive within 5 ms, after 2 bytes',
      });
    });
  });

  test('lets a connection be silent between frames', () => {
    scheduler.run(({ expectObservable }) => {
      const { data$ } = virtualConnection(scheduler, 'a--b-d 50ms a-b-d|', { values: read });
      const expected = '                               1--2-3 50ms 1-2-3|';
      expectObservable(data$.pipe(limited(4))).toBe(expected, frames);
    });
  });

  test('does not count the time in which the connection is held back', () => {
    scheduler.run(({ expectObservable }) => {
      const { data$ } = virtualConnection(scheduler, 'a-b-d|', { values: read });
      const frames$ = data$.pipe(
        limited(4),
        pacedMap((line) => of(line).pipe(delay(10, scheduler))),
      );
      expectObservable(frames$).toBe('10ms 1 9ms 2 9ms (3|)', frames);
    });
  });

  test('leaves no timer when it is unsubscribed from, or at the end', () => {
    scheduler.run(({ cold, flush }) => {
      cold('a|', read).subscribe(); // keeps virtual time going
      const source = cold('-a-', chunks('a', read));
      source.pipe(limited(1000), take(1)).subscribe();
      flush();
      expect(scheduler.actions).toEqual([]);
      expect(scheduler.now()).toBeLessThan(1000);
    });
  });

  test.each([
    [{ timeout: '5' }, 'ERR_INVALID_ARG_TYPE'],
    [{ timeout: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ scheduler: {} }, 'ERR_INVALID_ARG_TYPE'],
    [{ timout: 5 }, 'ERR_INVALID_ARG_VALUE'],
  ])('refuses %j', (options, code) => {
    expect(() => decode(lines(), options as never)).toThrow(expect.objectContaining({ code }));
  });
});
