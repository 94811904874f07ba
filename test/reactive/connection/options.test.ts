import { delay, map, of } from 'rxjs';
import { type TestScheduler } from 'rxjs/testing';
import { pacedMap } from 'bipoll/reactive';
import { virtualConnection, virtualListener } from 'bipoll/testing';
import { chunks, codeOf, failingWithCode, marbleScheduler } from '../../testing/marbles';

let scheduler: TestScheduler;
beforeEach(() => {
  scheduler = marbleScheduler();
});

const reason = { n: null, t: 'ETIMEDOUT' };

describe('idleTimeout', () => {
  test('closes it when nothing moves for so long, and not before', () => {
    scheduler.run(({ expectObservable }) => {
      const here = virtualConnection(scheduler, '-a--b-', { idleTimeout: 5 });
      const data$ = here.data$.pipe(failingWithCode());
      expectObservable(data$).toBe('             -a--b----#', chunks('ab'), 'ETIMEDOUT');
      expectObservable(here.closed$.pipe(map(codeOf))).toBe('---------(t|)', reason);
    });
  });

  test('begins anew with what the peer takes', () => {
    scheduler.run(({ hot, expectObservable }) => {
      const here = virtualConnection(scheduler, '-', { idleTimeout: 5 });
      hot('-a--b').subscribe((letter) => here.write(letter));
      expectObservable(here.closed$.pipe(map(codeOf))).toBe('---------(t|)', reason);
    });
  });

  test('does not begin anew with what is written, and waits', () => {
    scheduler.run(({ hot, expectObservable }) => {
      const here = virtualConnection(scheduler, '-', { idleTimeout: 5, room: 'f' });
      hot('-a--b').subscribe((letter) => here.write(letter));
      expectObservable(here.closed$.pipe(map(codeOf))).toBe('-----(t|)', reason);
    });
  });

  test('does not run while we hold the peer back', () => {
    scheduler.run(({ expectObservable }) => {
      const here = virtualConnection(scheduler, '-a', { idleTimeout: 5 });
      const slow$ = here.data$.pipe(
        pacedMap((chunk) => of(chunk).pipe(delay(12))),
        failingWithCode(),
      );
      // Held back until 13: from then on silence is the peer's.
      expectObservable(slow$).toBe('-------------a----#', chunks('a'), 'ETIMEDOUT');
    });
  });

  test('of Infinity never closes it', () => {
    scheduler.run(({ expectObservable }) => {
      const here = virtualConnection(scheduler, '-', { idleTimeout: Infinity });
      expectObservable(here.closed$, `^${'-'.repeat(1000)}!`).toBe('-');
    });
  });
});

describe('closeTimeout', () => {
  test.each([
    { room: 'f', sent: '-------#' },
    { room: 'f----d', sent: '-----(x|)' },
    { room: 'd', sent: 'x-|' },
  ])('is how long what is queued may take once everybody has left: $sent', ({ room, sent }) => {
    scheduler.run(({ expectObservable }) => {
      const here = virtualConnection(scheduler, '-', { closeTimeout: 5, room });
      const clients$ = virtualListener(scheduler, 'a', { a: here });
      expectObservable(clients$, '^-!').toBe('a', { a: here });
      here.write('x');
      const sent$ = here.sent$.pipe(failingWithCode());
      expectObservable(sent$).toBe(sent, chunks('x'), 'ETIMEDOUT');
    });
  });

  test('gives a reader so long to come for what arrived before a failure to send', () => {
    scheduler.run(({ expectObservable }) => {
      const here = virtualConnection(scheduler, 'a-#', { closeTimeout: 5, room: 'f' });
      here.write('x');
      expectObservable(here.closed$.pipe(map(codeOf))).toBe('-------(c|)', { c: 'ECONNRESET' });
    });
  });

  test('is called off by a reader who comes in time', () => {
    scheduler.run(({ expectObservable }) => {
      const here = virtualConnection(scheduler, 'a-#', { closeTimeout: 5, room: 'f' });
      here.write('x');
      const data$ = here.data$.pipe(failingWithCode());
      expectObservable(data$, '----^').toBe('----(a#)', chunks('a'), 'ECONNRESET');
    });
  });
});

describe('highWaterMark', () => {
  test.each([
    { highWaterMark: 1, results: '-fff' },
    { highWaterMark: 2, results: '-tff' },
    { highWaterMark: 3, results: '-ttf' },
    { highWaterMark: 4, results: '-ttt' },
  ])('of $highWaterMark: write says $results', ({ highWaterMark, results }) => {
    scheduler.run(({ hot, expectObservable }) => {
      const here = virtualConnection(scheduler, '-', { highWaterMark, room: 'f-------d' });
      const said$ = hot('-abc').pipe(map((letter) => here.write(letter)));
      expectObservable(said$).toBe(results, { t: true, f: false });
      const isFull = results.endsWith('f');
      expectObservable(here.writable$).toBe(isFull ? '--------w' : '-', { w: undefined });
    });
  });

  test('counts bytes, not letters', () => {
    scheduler.run(() => {
      const here = virtualConnection(scheduler, '-', { highWaterMark: 4, room: 'f' });
      expect([here.write('€'), here.write('€')]).toEqual([true, false]);
    });
  });
});

describe('maxQueueBytes', () => {
  test('is the size of the queue at which more is refused, and nothing of it taken', () => {
    scheduler.run(({ hot, expectObservable }) => {
      const here = virtualConnection(scheduler, '-', { maxQueueBytes: 3, room: 'f-----d' });
      const write = (letters: string) => {
        try {
          return here.write(letters);
        } catch (error) {
          return codeOf(error);
        }
      };
      const values = { a: 'ab', b: 'cde', c: 'f', d: 'g' };
      const said$ = hot('                        -abc--------d', values).pipe(map(write));
      expectObservable(said$).toBe('             -ttx--------t', { t: true, x: 'ERR_QUEUE_FULL' });
      here.expectSent('                          ------(ab)--d', values);
    });
  });
});

describe('allowHalfOpen', () => {
  test('is false by default: our end follows that of the peer, behind what is queued', () => {
    scheduler.run(({ expectObservable }) => {
      const here = virtualConnection(scheduler, '--|', { room: 'f---d' });
      expectObservable(here.data$).toBe('        --|');
      here.write('a');
      here.expectSent('                          ----(a|)');
      expectObservable(here.closed$).toBe('      ----(n|)', reason);
    });
  });

  test('leaves our side open, until we end it', () => {
    scheduler.run(({ hot, expectObservable }) => {
      const here = virtualConnection(scheduler, '--|', { allowHalfOpen: true });
      expectObservable(here.data$).toBe('        --|');
      hot('                                      ----a-|').subscribe({
        next: (letter) => here.write(letter),
        complete: () => {
          here.end();
        },
      });
      here.expectSent('                          ----a-|');
      expectObservable(here.closed$).toBe('      ------(n|)', reason);
    });
  });
});

describe('borrow', () => {
  test.each([
    { borrow: true, left: 0 },
    { borrow: false, left: 4 },
  ])('$borrow: of what was kept $left bytes are left', ({ borrow, left }) => {
    scheduler.run(({ flush }) => {
      const here = virtualConnection(scheduler, '-a-|', { values: { a: 'text' }, borrow });
      const kept: Buffer[] = [];
      const seen: string[] = [];
      here.data$.subscribe((chunk) => {
        kept.push(chunk);
        seen.push(chunk.toString());
      });
      flush();
      expect(seen).toEqual(['text']);
      expect(kept[0]).toHaveLength(left);
    });
  });
});
