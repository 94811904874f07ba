import { promises } from 'node:fs';
import {
  concatMap,
  delay,
  EMPTY,
  firstValueFrom,
  ignoreElements,
  map,
  merge,
  NEVER,
  Observable,
  of,
  range,
  Subject,
  take,
  tap,
  timer,
} from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { SocketError, socketPair, TimeoutError } from 'bipoll';
import { FramingError, lines } from 'bipoll/framing';
import { type Connection, decode, fromSocket, pacedMap, serve } from 'bipoll/reactive';
import { virtualConnection, virtualListener } from 'bipoll/testing';
import { throwLater } from '../../src/reactive/throwLater';
import { marbles } from '../support/marbles';

jest.mock('../../src/reactive/throwLater', () => ({ throwLater: jest.fn() }));

/** Answers each line by itself, after so many milliseconds, one after the other. */
const answering = (work: number) => (connection: Connection) =>
  connection.data$.pipe(
    decode(lines({ maxBytes: 5 })),
    pacedMap((line) =>
      of(line).pipe(
        delay(work),
        concatMap((each) => connection.send([each])),
      ),
    ),
  );

/** What a client says by a letter is a line; `h` is half of one. */
const asLines = { values: { a: 'a\n', b: 'b\n', h: 'half', t: 'too long\n' } };

/** What `onError` is called with, and when. */
function listening(scheduler: TestScheduler) {
  const calls: { frame: number; error: unknown; connection: Connection }[] = [];
  const onError = (error: unknown, connection: Connection) => {
    calls.push({ frame: scheduler.now(), error, connection });
  };
  return { calls, onError };
}

const any = (type: new (...args: never[]) => unknown) => expect.any(type) as unknown;

describe('a client', () => {
  test(
    'that ends after its request gets its answer, and then the end',
    marbles((scheduler) => {
      const client = virtualConnection(scheduler, '  -(a|)', asLines);
      const listener$ = virtualListener(scheduler, ' c|', { c: client });
      client.expectSent('                           ----(a|)');
      scheduler.expectObservable(listener$.pipe(serve(answering(3)))).toBe('----(n|)', { n: 1 });
    }),
  );

  test(
    'that goes on sending after its handler has finished is read to its end, for nobody',
    marbles((scheduler) => {
      const client = virtualConnection(scheduler, ' -a-b-b-|', asLines);
      const listener$ = virtualListener(scheduler, 'c', { c: client });
      listener$
        .pipe(serve((connection) => connection.send(connection.data$.pipe(take(1)))))
        .subscribe();
      client.expectSent('                          -(a|)', asLines.values);
      scheduler.expectObservable(client.closed$).toBe('-------(n|)', { n: null });
    }),
  );

  test(
    'that never ends is closed all the same, after the closeTimeout of its connection',
    marbles((scheduler) => {
      const options = { ...asLines, closeTimeout: 10 };
      const client = virtualConnection(scheduler, ' -a', options);
      const listener$ = virtualListener(scheduler, 'c|', { c: client });
      const served$ = listener$.pipe(serve(({ data$ }) => data$.pipe(take(1), map(String))));
      scheduler.expectObservable(served$).toBe('-a 9ms |', { a: 'a\n' });
      scheduler.expectObservable(client.closed$).toBe('- 10ms (n|)', { n: null });
    }),
  );

  test(
    'that fails, or sends what is no frame, is closed alone',
    marbles((scheduler) => {
      const { calls, onError } = listening(scheduler);
      const reset = virtualConnection(scheduler, '  -a-#', asLines);
      const tooLong = virtualConnection(scheduler, '--t', asLines);
      const good = virtualConnection(scheduler, '   ---a---b-|', asLines);
      virtualListener(scheduler, '(rtg)', { r: reset, t: tooLong, g: good })
        .pipe(serve(answering(1), { onError }))
        .subscribe();
      good.expectSent('                              ----a---b|');
      scheduler.flush();
      expect(calls).toEqual([
        { frame: 2, error: any(FramingError), connection: tooLong },
        { frame: 3, error: any(SocketError), connection: reset },
      ]);
    }),
  );
});

describe('a handler', () => {
  const client = (scheduler: TestScheduler, options = {}) =>
    virtualConnection(scheduler, '-a--b', { ...asLines, ...options });

  test(
    'that throws closes its connection, with that error',
    marbles((scheduler) => {
      const { calls, onError } = listening(scheduler);
      const connection = client(scheduler);
      const mistake = new Error('a mistake');
      const throwing = () => {
        throw mistake;
      };
      virtualListener(scheduler, '--c', { c: connection })
        .pipe(serve(throwing, { onError }))
        .subscribe();
      scheduler.expectObservable(connection.closed$).toBe('--(e|)', { e: mistake });
      scheduler.flush();
      expect(calls).toEqual([{ frame: 2, error: mistake, connection }]);
    }),
  );

  test(
    'that returns nothing to subscribe to is told so',
    marbles((scheduler) => {
      const { calls, onError } = listening(scheduler);
      virtualListener(scheduler, 'c', { c: client(scheduler) })
        .pipe(serve((() => undefined) as never, { onError }))
        .subscribe();
      scheduler.flush();
      expect(calls).toMatchObject([{ error: { code: 'ERR_INVALID_RETURN_VALUE' } }]);
    }),
  );

  test(
    'may be an iterable',
    marbles((scheduler) => {
      const listener$ = virtualListener(scheduler, 'c|', { c: client(scheduler) });
      const served$ = listener$.pipe(serve(() => [1, 2]));
      scheduler.expectObservable(served$.pipe(take(2))).toBe('(12|)', { 1: 1, 2: 2 });
    }),
  );

  test(
    'may have more to say when it fails, and so may onError: that is sent before the connection closes',
    marbles((scheduler) => {
      const connection = client(scheduler, { closeTimeout: 5 });
      virtualListener(scheduler, 'c', { c: connection })
        .pipe(
          serve(
            ({ data$ }) =>
              data$.pipe(
                map(() => {
                  connection.write('x');
                  throw new Error('a mistake');
                }),
              ),
            { onError: () => connection.write('y') },
          ),
        )
        .subscribe();
      connection.expectSent('-(xy|)');
      scheduler.expectObservable(connection.closed$).toBe('------(n|)', { n: null });
    }),
  );

  test(
    'has its grace to finish after its connection was closed',
    marbles((scheduler) => {
      const { calls, onError } = listening(scheduler);
      const quick = virtualConnection(scheduler, '-#');
      const stuck = virtualConnection(scheduler, '-#');
      const served$ = virtualListener(scheduler, '(qs|)', { q: quick, s: stuck }).pipe(
        serve((connection) => (connection === quick ? timer(4) : NEVER), { onError, grace: 8 }),
      );
      scheduler.expectObservable(served$).toBe('----0----|', { 0: 0 });
      scheduler.flush();
      expect(calls).toEqual([{ frame: 9, error: any(SocketError), connection: stuck }]);
    }),
  );

  test(
    'whose onError fails in turn costs the others nothing',
    marbles((scheduler) => {
      const mistake = new Error('a mistake of onError');
      const onError = () => {
        throw mistake;
      };
      const bad = virtualConnection(scheduler, ' --#');
      const good = virtualConnection(scheduler, '--a-|', asLines);
      virtualListener(scheduler, '(bg)', { b: bad, g: good })
        .pipe(serve(answering(1), { onError }))
        .subscribe();
      good.expectSent('---a|');
      scheduler.flush();
      expect(throwLater).toHaveBeenCalledWith(mistake);
    }),
  );

  test(
    'may say a last word to a client that is gone: that comes to nothing',
    marbles((scheduler) => {
      jest.mocked(throwLater).mockClear();
      const reset = virtualConnection(scheduler, '-#');
      virtualListener(scheduler, 'r', { r: reset })
        .pipe(
          serve(({ data$ }) => data$, { onError: (_, connection) => connection.write('sorry') }),
        )
        .subscribe();
      scheduler.flush();
      expect(throwLater).not.toHaveBeenCalled();
    }),
  );

  test(
    'that writes to a client that is gone is told why it is, and not only that it is closed',
    marbles((scheduler) => {
      const { calls, onError } = listening(scheduler);
      const reset = virtualConnection(scheduler, '-#');
      const writing = (connection: Connection) =>
        timer(3, scheduler).pipe(map(() => connection.write('late')));
      virtualListener(scheduler, 'r', { r: reset })
        .pipe(
          serve(
            (connection) => merge(connection.closed$.pipe(ignoreElements()), writing(connection)),
            { onError },
          ),
        )
        .subscribe();
      scheduler.flush();
      expect(calls).toMatchObject([{ frame: 3, error: { code: 'ECONNRESET' } }]);
    }),
  );

  test(
    'leaves no connection waiting when the service is unsubscribed from',
    marbles((scheduler) => {
      const served = virtualConnection(scheduler, ' -');
      const waiting = virtualConnection(scheduler, '-');
      const clients$ = of(served, waiting); // which cannot be held back
      const serving = clients$.pipe(serve(() => NEVER, { maxConnections: 1 })).subscribe();
      timer(3, scheduler).subscribe(() => {
        serving.unsubscribe();
      });
      scheduler.expectObservable(waiting.closed$).toBe('---(n|)', { n: null });
    }),
  );

  test(
    'leaves no connection open that a service is given while it is unsubscribed from',
    marbles((scheduler) => {
      const client = virtualConnection(scheduler, '  -');
      const listener$ = virtualListener(scheduler, ' -c', { c: client });
      scheduler
        .expectObservable(
          listener$.pipe(
            serve(() => of(1)),
            take(1),
          ),
        )
        .toBe('-(n|)', { n: 1 });
      scheduler.expectObservable(client.closed$).toBe('-(n|)', { n: null });
    }),
  );

  test(
    'is unsubscribed, and its connection closed, when nobody is subscribed to the service any more',
    marbles((scheduler) => {
      const connection = client(scheduler);
      const served$ = virtualListener(scheduler, 'c', { c: connection }).pipe(serve(answering(1)));
      scheduler.expectObservable(served$, '^--!').toBe('--n', { n: 1 });
      connection.expectSent('--a|');
    }),
  );
});

describe('without onError', () => {
  const warnings: unknown[] = [];
  const emitWarning = jest.spyOn(process, 'emitWarning');
  beforeEach(() => {
    warnings.length = 0;
    emitWarning.mockImplementation((warning) => warnings.push(warning));
  });
  afterAll(() => {
    emitWarning.mockRestore();
  });

  test(
    'a mistake is a warning, and what a client does is not',
    marbles((scheduler) => {
      const mistake = new Error('a mistake');
      const reset = virtualConnection(scheduler, '-#');
      const other = virtualConnection(scheduler, '-a', asLines);
      virtualListener(scheduler, '(ro)', { r: reset, o: other })
        .pipe(
          serve(({ data$ }) =>
            data$.pipe(
              map(() => {
                throw mistake;
              }),
            ),
          ),
        )
        .subscribe();
      scheduler.flush();
      expect(warnings).toEqual([expect.stringContaining('a mistake')]);
    }),
  );

  test.each<[string, (connection: Connection) => unknown]>([
    ['a handler that returns nothing', () => undefined],
    ['a bad argument', (connection) => connection.send(5 as never)],
    ['a file that is not there', () => promises.readFile('/nowhere/at/all')],
  ])('a mistake is a warning though it has a code: %s', async (_, handler) => {
    const [left, right] = socketPair();
    const connection = fromSocket(left);
    of(connection)
      .pipe(serve(handler as never))
      .subscribe();
    await firstValueFrom(connection.closed$);
    right.close();
    expect(warnings).toHaveLength(1);
  });
});

describe('maxConnections', () => {
  test(
    'holds the listener back while so many are served',
    marbles((scheduler) => {
      const a = virtualConnection(scheduler, '   a---|', asLines);
      const b = virtualConnection(scheduler, '   a------|', asLines);
      const listener$ = virtualListener(scheduler, '(ab|)', { a, b });
      const accepted$ = new Subject<string>();
      const served$ = listener$.pipe(
        tap((connection) => {
          accepted$.next(connection === a ? 'a' : 'b');
        }),
        serve(answering(1), { maxConnections: 1 }),
      );
      scheduler.expectObservable(accepted$).toBe('a---b');
      scheduler.expectObservable(served$).toBe('-n---n-|', { n: 1 });
    }),
  );

  test(
    'is 10,000 unless told otherwise',
    marbles((scheduler) => {
      let served = 0;
      const connection = virtualConnection(scheduler, '');
      range(0, 10_001)
        .pipe(
          map(() => connection),
          serve(() => {
            served++;
            return NEVER;
          }),
        )
        .subscribe()
        .unsubscribe();
      expect(served).toBe(10_000);
    }),
  );

  test(
    'lets those wait that come from where nobody can be held back',
    marbles((scheduler) => {
      const a = virtualConnection(scheduler, '-a-|', asLines);
      const b = virtualConnection(scheduler, '-a-|', asLines);
      of(a, b)
        .pipe(serve(answering(1), { maxConnections: 1 }))
        .subscribe();
      a.expectSent('--a|');
      b.expectSent('----(a|)');
    }),
  );
});

describe('stop$', () => {
  test(
    'lets handlers answer what they have read, reads nothing more, and accepts nobody',
    marbles((scheduler) => {
      const { calls, onError } = listening(scheduler);
      const a = virtualConnection(scheduler, '    -a--b---|', asLines);
      const late = virtualConnection(scheduler, ' -----a', asLines);
      const listener$ = virtualListener(scheduler, 'a---l', { a, l: late });
      const stop$ = scheduler.createHotObservable('---s');
      const served$ = listener$.pipe(serve(answering(5), { onError, stop$ }));
      a.expectSent('                               ------(a|)');
      scheduler.expectObservable(served$).toBe('  ------n-|', { n: 1 });
      late.expectSent('');
      scheduler.expectSubscriptions(a.reads).toBe(['^!', '------^-!']);
      scheduler.flush();
      expect(calls).toEqual([]);
    }),
  );

  test(
    'takes half a frame for no mistake of the client',
    marbles((scheduler) => {
      const { calls, onError } = listening(scheduler);
      const client = virtualConnection(scheduler, ' -h-----|', asLines);
      const listener$ = virtualListener(scheduler, 'c', { c: client });
      const stop$ = timer(3, scheduler);
      const served$ = listener$.pipe(serve(answering(1), { onError, stop$ }));
      client.expectSent('                          ---|');
      scheduler.expectObservable(served$).toBe('   -------|');
      scheduler.flush();
      expect(calls).toEqual([]);
    }),
  );

  test(
    'closes whoever is still at work after the grace, and says so',
    marbles((scheduler) => {
      const { calls, onError } = listening(scheduler);
      const stuck = virtualConnection(scheduler, '-a', asLines);
      const lingering = virtualConnection(scheduler, '-a', asLines);
      const options = { onError, stop$: timer(3), grace: 4 };
      const served$ = virtualListener(scheduler, '(sl)', { s: stuck, l: lingering }).pipe(
        serve((connection) => (connection === stuck ? NEVER : EMPTY), options),
      );
      scheduler.expectObservable(served$).toBe('-------|');
      scheduler.expectObservable(lingering.closed$).toBe('-------(n|)', { n: null });
      scheduler.flush();
      expect(calls).toEqual([{ frame: 7, error: any(TimeoutError), connection: stuck }]);
    }),
  );

  test(
    'tells nobody more whose onError has unsubscribed from the service',
    marbles((scheduler) => {
      const clients = { a: virtualConnection(scheduler, ''), b: virtualConnection(scheduler, '') };
      let calls = 0;
      const served = virtualListener(scheduler, '(ab)', clients)
        .pipe(
          serve(() => NEVER, {
            stop$: timer(1, scheduler),
            grace: 5,
            scheduler,
            onError: () => {
              calls++;
              served.unsubscribe();
            },
          }),
        )
        .subscribe();
      scheduler.flush();
      expect(calls).toBe(1);
    }),
  );

  test(
    'closes those who wait for their turn, as unsubscribing does',
    marbles((scheduler) => {
      const clients = { a: virtualConnection(scheduler, ''), b: virtualConnection(scheduler, '') };
      const source$ = scheduler.createHotObservable('(ab)', clients);
      source$
        .pipe(serve(() => NEVER, { maxConnections: 1, stop$: timer(3, scheduler), scheduler }))
        .subscribe();
      scheduler.expectObservable(clients.b.closed$).toBe('---(n|)', { n: null });
    }),
  );

  test(
    'ends a service before it begins',
    marbles((scheduler) => {
      const subscribed = jest.fn();
      const listener$ = new Observable<Connection>(subscribed);
      scheduler.expectObservable(listener$.pipe(serve(answering(1), { stop$: [1] }))).toBe('|');
      scheduler.flush();
      expect(subscribed).not.toHaveBeenCalled();
    }),
  );
});

test(
  'the failure of a listener is told when those who are served have their answers',
  marbles((scheduler) => {
    const client = virtualConnection(scheduler, ' -a-----|', asLines);
    const listener$ = virtualListener(scheduler, 'c-#', { c: client });
    client.expectSent('                          ----(a|)');
    scheduler
      .expectObservable(listener$.pipe(serve(answering(3))))
      .toBe('----n--#', { n: 1 }, new Error('The virtual listener failed'));
  }),
);

test.each([
  { name: 'a handler that is none', arguments: [5] },
  { name: 'options that are none', arguments: [answering(1), null] },
  { name: 'an onError that is no function', arguments: [answering(1), { onError: 5 }] },
  { name: 'a stop$ that cannot be subscribed to', arguments: [answering(1), { stop$: 5 }] },
  { name: 'a grace below zero', arguments: [answering(1), { grace: -1 }] },
  { name: 'room for nobody', arguments: [answering(1), { maxConnections: 0 }] },
  { name: 'a scheduler that is none', arguments: [answering(1), { scheduler: {} }] },
])('refuses $name', ({ arguments: [handler, options] }) => {
  expect(() => serve(handler as never, options as never)).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^ERR_(INVALID_ARG|OUT_OF)/) as string }),
  );
});
