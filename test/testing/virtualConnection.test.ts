import { delay, map, of } from 'rxjs';
import { type TestScheduler } from 'rxjs/testing';
import { lines } from 'bipoll/framing';
import { type Connection, decode, encode, pacedMap } from 'bipoll/reactive';
import { virtualConnection, type VirtualConnectionOptions } from 'bipoll/testing';
import { chunks, codeOf, failingWithCode, marbleScheduler } from './marbles';

let scheduler: TestScheduler;
beforeEach(() => {
  scheduler = marbleScheduler();
});

describe('what the peer sends', () => {
  test('arrives as its diagram says, letters standing for chunks', () => {
    scheduler.run(({ expectObservable, expectSubscriptions }) => {
      const values = { a: 'text', b: Buffer.from([0, 255]) };
      const here = virtualConnection(scheduler, '-a-(bc)-|', { values });
      expectObservable(here.data$).toBe('       -a-(bc)-|', {
        a: Buffer.from('text'),
        b: Buffer.from([0, 255]),
        c: Buffer.from('c'),
      });
      expectObservable(here.closed$).toBe('      --------(n|)', { n: null });
      here.expectSent('                          --------|');
      expectSubscriptions(here.reads).toBe('     ^-------!');
    });
  });

  test('waits while nobody is subscribed', () => {
    scheduler.run(({ expectObservable, expectSubscriptions }) => {
      const here = virtualConnection(scheduler, '       -a--bc|');
      expectObservable(here.data$, '--^!').toBe('        --a', chunks('a'));
      expectObservable(here.data$, '---------^').toBe('  ---------(bc|)', chunks('bc'));
      here.expectSent('                                  ---------|');
      expectSubscriptions(here.reads).toBe(['            --^!', '---------(^!)']);
    });
  });

  test('waits while it is held back, and the log of reading says so', () => {
    scheduler.run(({ expectObservable, expectSubscriptions }) => {
      const here = virtualConnection(scheduler, '-a-b-c|');
      const slow$ = here.data$.pipe(pacedMap((chunk) => of(chunk).pipe(delay(4))));
      expectObservable(slow$).toBe('             -----a---b---(c|)', chunks('abc'));
      expectSubscriptions(here.reads).toBe([
        '    ^!',
        '-----(^!)',
        '---------(^!)',
        '-------------(^!)',
      ]);
    });
  });

  test('goes to one subscriber at a time', () => {
    scheduler.run(({ expectObservable, expectSubscriptions }) => {
      const here = virtualConnection(scheduler, '    -a');
      expectObservable(here.data$).toBe('             -a', chunks('a'));
      const second$ = here.data$.pipe(failingWithCode());
      expectObservable(second$).toBe('                #', {}, 'ERR_SOCKET_BUSY');
      expectSubscriptions(here.reads).toBe('          ^');
    });
  });

  test('can be a reset, which ends both directions', () => {
    scheduler.run(({ expectObservable, expectSubscriptions }) => {
      const here = virtualConnection(scheduler, '      -a-#');
      const data$ = here.data$.pipe(failingWithCode());
      expectObservable(data$).toBe('                   -a-#', chunks('a'), 'ECONNRESET');
      expectObservable(here.closed$.pipe(map(codeOf))).toBe('---(c|)', { c: 'ECONNRESET' });
      expectObservable(here.writable$).toBe('          ---|');
      here.expectSent('                                 ---#');
      expectSubscriptions(here.reads).toBe('            ^--!');
    });
  });

  test('is a reset only behind what had arrived before it', () => {
    scheduler.run(({ expectObservable }) => {
      const error = new Error('gone');
      const here = virtualConnection(scheduler, '-(a#)', { error });
      expectObservable(here.data$, '---^').toBe('---(a#)', chunks('a'), error);
    });
  });
});

describe('what is sent', () => {
  test('is a diagram, with our end', () => {
    scheduler.run(({ hot, expectObservable }) => {
      const here = virtualConnection(scheduler, '-----|');
      hot('                                      -a-b|').subscribe({
        next: (letter) => here.write(letter),
        complete: () => {
          here.end();
        },
      });
      here.expectSent('                          -a-b|');
      expectObservable(here.closed$, '^').toBe('-----(n|)', { n: null });
    });
  });

  test('is a diagram, with the error that it was closed with', () => {
    scheduler.run(({ hot, expectObservable }) => {
      const error = new Error('enough');
      const here = virtualConnection(scheduler, '------|');
      hot('-a-x').subscribe((letter) => {
        if (letter === 'x') here.close(error);
        else here.write(letter);
      });
      here.expectSent('                  -a-#', {}, error);
      expectObservable(here.closed$).toBe('---(e|)', { e: error });
    });
  });

  test('is seen through operators', () => {
    scheduler.run(({ expectObservable }) => {
      const here = virtualConnection(scheduler, '-');
      here.write('one\nt');
      here.write('wo\n');
      here.end();
      const frames$ = here.sent$.pipe(decode(lines()));
      expectObservable(frames$).toBe('(ab|)', { a: 'one', b: 'two' });
    });
  });

  test('queues while the peer is full, and writable$ tells when that has drained', () => {
    scheduler.run(({ hot, expectObservable }) => {
      const options = { room: '--f---d', highWaterMark: 2 };
      const here = virtualConnection(scheduler, '-', options);
      const results$ = hot('            -abcd------e').pipe(map((letter) => here.write(letter)));
      expectObservable(results$).toBe(' -ttff------t', { t: true, f: false });
      expectObservable(here.writable$).toBe('------w', { w: undefined });
      here.expectSent('                     -a----(bcd)e');
    });
  });

  test('goes out behind the queue: chunk by chunk, then our end', () => {
    scheduler.run(({ hot, expectObservable }) => {
      const here = virtualConnection(scheduler, '-', { room: 'f----d', highWaterMark: 1 });
      hot('-ab|').subscribe({
        next: (letter) => here.write(letter),
        complete: () => {
          here.end();
        },
      });
      here.expectSent('                    -----(ab|)');
      expectObservable(here.writable$).toBe('-----w', { w: undefined });
    });
  });

  test('is refused when the queue is over its limit', () => {
    scheduler.run(() => {
      const here = virtualConnection(scheduler, '-', { room: 'f', maxQueueBytes: 1 });
      let refused: unknown;
      scheduler.schedule(() => {
        here.write('a');
        try {
          here.write('b');
        } catch (error) {
          refused = codeOf(error);
        }
      }, 1);
      scheduler.flush();
      expect(refused).toBe('ERR_QUEUE_FULL');
    });
  });

  test('is refused after our end, and after the close', () => {
    scheduler.run(() => {
      const here = virtualConnection(scheduler, '-');
      here.end();
      expect(() => here.write('a')).toThrow(
        expect.objectContaining({ code: 'ERR_SOCKET_CLOSED', message: 'The connection was ended' }),
      );
      const closed = virtualConnection(scheduler, '-');
      closed.close();
      expect(() => closed.write('a')).toThrow(
        expect.objectContaining({ code: 'ERR_SOCKET_CLOSED', message: 'The connection is closed' }),
      );
    });
  });
});

test('what is written goes out before a close, as far as the peer takes it', () => {
  scheduler.run(() => {
    const here = virtualConnection(scheduler, '-');
    here.write('a');
    here.close();
    here.expectSent('(a|)');
    const full = virtualConnection(scheduler, '-', { room: 'f' });
    scheduler.schedule(() => {
      full.write('a');
      full.close();
    }, 1);
    full.expectSent('-|');
  });
});

test('our end closes it, after a reset that nobody has heard of', () => {
  scheduler.run(({ expectObservable }) => {
    const here = virtualConnection(scheduler, '-#');
    scheduler.schedule(() => {
      here.end();
    }, 2);
    expectObservable(here.closed$, '----^').toBe('----(n|)', { n: null });
  });
});

describe('half-close', () => {
  test('a peer that has ended still gets what is sent', () => {
    scheduler.run(({ cold, expectObservable }) => {
      const here = virtualConnection(scheduler, 'a|', { allowHalfOpen: true });
      expectObservable(here.data$).toBe('        a|', chunks('a'));
      here.send(cold('---b-c|')).subscribe({
        complete: () => {
          here.end();
        },
      });
      here.expectSent('                  ---b-c|');
      expectObservable(here.closed$).toBe('------(n|)', { n: null });
    });
  });

  test('a peer that has ended can still reset, which the next write finds', () => {
    scheduler.run(({ hot, expectObservable }) => {
      const here = virtualConnection(scheduler, '|-#', { allowHalfOpen: true });
      expectObservable(here.data$).toBe('        |');
      const results$ = hot('             -a--b').pipe(map((letter) => here.write(letter)));
      expectObservable(results$).toBe('  -t--t', { t: true }); // it is told when that is tried
      expectObservable(here.closed$.pipe(map(codeOf))).toBe('----(c|)', { c: 'ECONNRESET' });
      here.expectSent('                  -a--#');
    });
  });
});

test('closed$ tells those who come late', () => {
  scheduler.run(({ expectObservable }) => {
    const here = virtualConnection(scheduler, '-');
    here.close();
    expectObservable(here.closed$, '----^').toBe('----(n|)', { n: null });
    expectObservable(here.data$, '--^').toBe('--|');
  });
});

test('a pipeline for real connections runs on it unchanged', () => {
  const shout = (connection: Connection) =>
    connection.send(
      connection.data$.pipe(
        decode(lines()),
        pacedMap((line) => of(line.toUpperCase()).pipe(delay(2))),
        encode(lines()),
      ),
    );
  scheduler.run(({ expectObservable, expectSubscriptions }) => {
    const values = { a: 'he', b: 'llo\nyou\n' };
    const here = virtualConnection(scheduler, '-a-b------|', { values });
    expectObservable(shout(here)).toBe('       -----x-y--|', { x: 6, y: 10 });
    here.expectSent('                          -----x-y--|', { x: 'HELLO\n', y: 'YOU\n' });
    expectSubscriptions(here.reads).toBe(['    ^--!', '-------^--!']);
  });
});

test('there is no socket', () => {
  scheduler.run(() => {
    expect(() => virtualConnection(scheduler, '-').socket).toThrow(/no socket/);
  });
});

test('bad arguments are refused', () => {
  const make = (peer: unknown, options: unknown) => () =>
    virtualConnection(scheduler, peer as string, options as VirtualConnectionOptions);
  expect(make('-', {})).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
  scheduler.run(() => {
    const type = expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' });
    const value = expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' });
    expect(() => virtualConnection(null as unknown as TestScheduler, '-')).toThrow(type);
    expect(make(1, {})).toThrow(type);
    expect(make('-', null)).toThrow(type);
    expect(make('a', { values: { a: 1 } })).toThrow(type);
    expect(make('-', { error: 'no' })).toThrow(type);
    expect(make('-', { allowHalfOpen: 1 })).toThrow(type);
    expect(make('-', { highWaterMark: 0 })).toThrow(RangeError);
    expect(make('-^a', {})).toThrow(value);
    expect(make('-|a', {})).toThrow(value);
    expect(make('-#|', {})).toThrow(value);
    expect(make('-', { room: 'x' })).toThrow(value);
  });
});
