import { mergeMap, NEVER } from 'rxjs';
import { type TestScheduler } from 'rxjs/testing';
import { reconnect } from 'bipoll/reactive';
import { virtualConnect, virtualConnection } from 'bipoll/testing';
import { chunks, failingWithCode, marbleScheduler } from './marbles';

let scheduler: TestScheduler;
beforeEach(() => {
  scheduler = marbleScheduler();
});

test('each attempt has its outcome, so that reconnecting is tested', () => {
  scheduler.run(({ expectObservable }) => {
    const a = virtualConnection(scheduler, '           ------x|');
    const b = virtualConnection(scheduler, '           ---------------y');
    const connect$ = virtualConnect(scheduler, ['-#', '-a', '--b'], { a, b });
    const data$ = connect$.pipe(
      mergeMap((connection) => connection.data$),
      reconnect({ delay: 3, jitter: 0, scheduler }),
    );
    expectObservable(data$, '^------------------!').toBe('------x--------y', chunks('xy'));
    a.expectSent('                                     -------|');
    b.expectSent('                                     -------------------|');
  });
});

test('it completes or fails as the connection does', () => {
  scheduler.run(({ expectObservable }) => {
    const a = virtualConnection(scheduler, '---|');
    const b = virtualConnection(scheduler, '---#');
    const connect$ = virtualConnect(scheduler, ['-a', '-b'], { a, b });
    expectObservable(connect$).toBe('       -a-|', { a });
    const second$ = connect$.pipe(failingWithCode());
    expectObservable(second$).toBe('        -b-#', { b }, 'ECONNRESET');
  });
});

test('an attempt fails as refused, unless said otherwise', () => {
  scheduler.run(({ expectObservable }) => {
    const refused$ = virtualConnect(scheduler, ['--#']).pipe(failingWithCode());
    expectObservable(refused$).toBe('--#', {}, 'ECONNREFUSED');
    const error = new Error('no route');
    expectObservable(virtualConnect(scheduler, ['--#'], {}, error)).toBe('--#', {}, error);
  });
});

test('an attempt without an outcome goes on, and so do those behind the last', () => {
  scheduler.run(({ expectObservable }) => {
    const connect$ = virtualConnect(scheduler, ['']);
    expectObservable(connect$).toEqual(NEVER);
    expectObservable(connect$).toEqual(NEVER);
  });
});

test('an attempt that is given up takes no connection', () => {
  scheduler.run(({ expectObservable }) => {
    const a = virtualConnection(scheduler, '-');
    expectObservable(virtualConnect(scheduler, ['---a'], { a }), '^-!').toBe('---');
    a.expectSent('-');
  });
});

test('bad arguments are refused', () => {
  scheduler.run(() => {
    const type = expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' });
    const value = expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' });
    expect(() => virtualConnect(scheduler, ['a'])).toThrow(type);
    expect(() => virtualConnect(scheduler, 'a' as unknown as string[])).toThrow(type);
    expect(() => virtualConnect(null as unknown as TestScheduler, [])).toThrow(type);
    expect(() => virtualConnect(scheduler, ['|'])).toThrow(value);
    expect(() => virtualConnect(scheduler, ['##'])).toThrow(value);
  });
});
