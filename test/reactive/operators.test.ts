import { defer, delay, map, NEVER, of, take } from 'rxjs';
import { type TestScheduler } from 'rxjs/testing';
import { lines, ndjson } from 'bipoll/framing';
import { concatMap, decode, encode, mergeMap, reconnect } from 'bipoll/reactive';
import { virtualConnection } from 'bipoll/testing';
import { chunks, failingWithCode, marbleScheduler } from '../testing/marbles';

let scheduler: TestScheduler;
beforeEach(() => {
  scheduler = marbleScheduler();
});

/** Work on a value that takes some time. */
const work = (milliseconds: number) => (value: string) => of(value).pipe(delay(milliseconds));

describe('decode', () => {
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

describe('mergeMap', () => {
  test.each([2, { concurrent: 2 }])('works on as many as %p allows, the others wait', (options) => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const inner = { a: cold('  ---x|'), b: cold(' ---y|'), c: cold(' ---z|') };
      const source = cold<keyof typeof inner>('      -(abc)|');
      const merged$ = source.pipe(mergeMap((mark) => inner[mark], options));
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
        mergeMap(work(4), { concurrent: 2 }),
      );
      expectObservable(merged$).toBe('           -----(xy)z--|', { x: '1!', y: '2!', z: '3!' });
      expectSubscriptions(here.reads).toBe(['     ^!', '-----^------!']);
    });
  });

  test('fails with the error of an inner Observable, and unsubscribes from all', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const inner = { a: cold('  -------x|'), b: cold(' --#') };
      const source = cold<keyof typeof inner>('      -a-b---|');
      const merged$ = source.pipe(mergeMap((mark) => inner[mark]));
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
        mergeMap(() => {
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
      expectObservable(source.pipe(mergeMap(() => inner))).toBe('---#');
      expectSubscriptions(source.subscriptions).toBe('^--!');
      expectSubscriptions(inner.subscriptions).toBe('-^-!');
    });
  });

  test('holds no connection back once it is unsubscribed from', () => {
    scheduler.run(({ expectObservable, expectSubscriptions }) => {
      const here = virtualConnection(scheduler, '-a-b--|');
      const stuck$ = here.data$.pipe(mergeMap(() => NEVER, { concurrent: 1 }));
      expectObservable(stuck$, '         ^---!').toBe('-');
      expectObservable(here.data$, '     -----^').toBe('-----b|', chunks('b'));
      expectSubscriptions(here.reads).toBe(['     ^!', '-----^!']);
    });
  });

  test('fails when too many values wait, of a source that cannot be held back', () => {
    scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const inner = hot('-----------x|');
      const source = hot('-a-b-c-d-|');
      const options = { concurrent: 1, maxQueued: 2 };
      const merged$ = source.pipe(
        mergeMap(() => inner, options),
        failingWithCode(),
      );
      expectObservable(merged$).toBe('-------#', {}, 'ERR_QUEUE_FULL');
      expectSubscriptions(source.subscriptions).toBe('^------!');
      expectSubscriptions(inner.subscriptions).toBe('-^-----!');
    });
  });

  test('keeps pace with inner Observables that complete at once', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-(abc)--|');
      const merged$ = source.pipe(mergeMap((value) => [value], { concurrent: 1, maxQueued: 0 }));
      expectObservable(merged$).toBe('-(abc)--|');
      expectSubscriptions(source.subscriptions).toBe('^-------!');
    });
  });
});

describe('concatMap', () => {
  test('works on one after the other', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const inner = { a: cold('    --x|'), b: cold('   --y|') };
      const source = cold<keyof typeof inner>('        -(ab)|');
      expectObservable(source.pipe(concatMap((mark) => inner[mark]))).toBe('---x--y|');
      expectSubscriptions(source.subscriptions).toBe('   ^----!');
      expectSubscriptions(inner.a.subscriptions).toBe('  -^--!');
      expectSubscriptions(inner.b.subscriptions).toBe('  ----^--!');
    });
  });

  test('stops reading the connection until all frames of a chunk are worked on', () => {
    scheduler.run(({ expectObservable, expectSubscriptions }) => {
      const values = { a: '1\n2\n', b: '3\n' };
      const here = virtualConnection(scheduler, '-a-b---------|', { values });
      const done$ = here.data$.pipe(decode(lines()), concatMap(work(3)));
      expectObservable(done$).toBe('             ----1--2--3--|');
      expectSubscriptions(here.reads).toBe(['    ^!', '-------(^!)', '----------^--!']);
    });
  });

  test('is done with its work when the peer has ended meanwhile', () => {
    scheduler.run(({ expectObservable, expectSubscriptions }) => {
      const here = virtualConnection(scheduler, '-a|', { values: { a: '1\n2\n' } });
      const done$ = here.data$.pipe(decode(lines()), concatMap(work(3)));
      expectObservable(done$).toBe('             ----1--(2|)');
      expectSubscriptions(here.reads).toBe('     ^!');
      here.expectSent('                          --|');
    });
  });
});

describe('reconnect', () => {
  const options = { delay: 2, max: 5, jitter: 0 };

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

  test('begins anew once there was a value', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const attempts = [cold('-#'), cold('-#'), cold('-a#'), cold('-#'), cold('-b---')];
      let index = 0;
      const source = defer(() => attempts[index++]!);
      const values$ = source.pipe(reconnect(options), take(2));
      expectObservable(values$).toBe('                         ---------a--------(b|)');
      expectSubscriptions(attempts[0]!.subscriptions).toBe('^!');
      expectSubscriptions(attempts[1]!.subscriptions).toBe('---^!');
      expectSubscriptions(attempts[2]!.subscriptions).toBe('--------^-!');
      expectSubscriptions(attempts[3]!.subscriptions).toBe('------------^!');
      expectSubscriptions(attempts[4]!.subscriptions).toBe('-----------------^!');
    });
  });

  test('leaves a part of the delay to chance', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const chances = [0, 1, 0.5];
      const random = () => chances.shift()!;
      const source = cold('#');
      const again$ = source.pipe(reconnect({ delay: 8, max: 8, jitter: 0.5, random }));
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

describe('send', () => {
  test('emits the bytes handed over so far, and completes when the peer has them all', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const here = virtualConnection(scheduler, '-', { room: '---f---d' });
      const source = cold('-a---b|', { a: 'a', b: 'bb' });
      expectObservable(here.send(source)).toBe('-x---y-|', { x: 1, y: 3 });
      expectSubscriptions(source.subscriptions).toBe('^-----!');
      here.expectSent('-a-----b', { b: 'bb' });
    });
  });

  test('does not read the connection behind the source while the queue is full', () => {
    scheduler.run(({ expectObservable, expectSubscriptions }) => {
      const from = virtualConnection(scheduler, '   -a-b-c-----|');
      const to = virtualConnection(scheduler, '-', { room: 'f------d', highWaterMark: 1 });
      const piped$ = to.send(from.data$.pipe(map((chunk) => chunk.toString().toUpperCase())));
      expectObservable(piped$).toBe('                -1-----(23)|', { 1: 1, 2: 2, 3: 3 });
      expectSubscriptions(from.reads).toBe([' ^!', '-------^---!']);
      to.expectSent('                         -------(ABC)');
    });
  });

  test('asks an iterable for no more while the queue is full', () => {
    scheduler.run(({ expectObservable }) => {
      const asked: string[] = [];
      function* letters() {
        for (const letter of ['a', 'b', 'c']) {
          asked.push(`${letter} at ${scheduler.now()}`);
          yield letter;
        }
      }
      const here = virtualConnection(scheduler, '-', { room: '(f)--d', highWaterMark: 2 });
      expectObservable(here.send(letters())).toBe('(12)-(3|)', { 1: 1, 2: 2, 3: 3 });
      here.expectSent('-----(abc)');
      scheduler.flush();
      expect(asked).toEqual(['a at 0', 'b at 0', 'c at 5']);
    });
  });

  test('passes the error of the source on', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const here = virtualConnection(scheduler, '-');
      const source = cold('               -a-#');
      expectObservable(here.send(source)).toBe('  -x-#', { x: 1 });
      expectSubscriptions(source.subscriptions).toBe('^--!');
      here.expectSent('                           -a');
    });
  });

  test('unsubscribes from the source, and holds nothing back, once it is unsubscribed from', () => {
    scheduler.run(({ expectObservable, expectSubscriptions }) => {
      const from = virtualConnection(scheduler, '-a-b-|');
      const to = virtualConnection(scheduler, '  -', { room: 'f', highWaterMark: 1 });
      expectObservable(to.send(from.data$), '   ^---!').toBe('-x', { x: 1 });
      expectObservable(from.data$, '            -----^').toBe('-----(b|)', chunks('b'));
      expectSubscriptions(from.reads).toBe(['   ^!', '-----(^!)']);
    });
  });

  test('fails with the reset that comes while the queue is full', () => {
    scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const options = { room: 'f', highWaterMark: 1 };
      const here = virtualConnection(scheduler, '---#', options);
      const source = hot('-a------b');
      const sent$ = here.send(source).pipe(failingWithCode());
      expectObservable(sent$).toBe('-x-#', { x: 1 }, 'ECONNRESET');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('fails when a source goes on that cannot be held back', () => {
    scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const options = { room: 'f', highWaterMark: 1, maxQueueBytes: 2 };
      const here = virtualConnection(scheduler, '-', options);
      const source = hot('-abc-d');
      const sent$ = here.send(source).pipe(failingWithCode());
      expectObservable(sent$).toBe('-xy#', { x: 1, y: 2 }, 'ERR_QUEUE_FULL');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('fails when it is closed before all is sent', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const here = virtualConnection(scheduler, '-', { room: 'f' });
      const source = cold('-a|');
      scheduler.schedule(() => {
        here.close();
      }, 4);
      const sent$ = here.send(source).pipe(failingWithCode());
      expectObservable(sent$).toBe('-x--#', { x: 1 }, 'ERR_SOCKET_CLOSED');
      expectSubscriptions(source.subscriptions).toBe('^-!');
      here.expectSent('----|');
    });
  });
});
