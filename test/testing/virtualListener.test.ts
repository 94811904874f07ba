import { map, mergeMap, take } from 'rxjs';
import { type TestScheduler } from 'rxjs/testing';
import { virtualConnection, virtualListener } from 'bipoll/testing';
import { chunks, failingWithCode, marbleScheduler } from './marbles';

let scheduler: TestScheduler;
beforeEach(() => {
  scheduler = marbleScheduler();
});

test('connections come in as the diagram says, and are served as real ones are', () => {
  scheduler.run(({ expectObservable, expectSubscriptions }) => {
    const a = virtualConnection(scheduler, '     --x---|');
    const b = virtualConnection(scheduler, '     -y---z---|');
    const clients$ = virtualListener(scheduler, '-a-b---|', { a, b });
    const counts$ = clients$.pipe(mergeMap((client) => client.send(client.data$)));
    expectObservable(counts$).toBe('             --xy-z---|', { x: 1, y: 1, z: 2 });
    a.expectSent('                               --x---|');
    b.expectSent('                               ---y-z---|');
    expectSubscriptions(a.reads).toBe('          -^----!');
    expectSubscriptions(b.reads).toBe('          ---^-----!');
  });
});

test('those who come while nobody is subscribed wait, and so does the end', () => {
  scheduler.run(({ expectObservable }) => {
    const a = virtualConnection(scheduler, '-');
    const b = virtualConnection(scheduler, '-');
    const clients$ = virtualListener(scheduler, 'a-b--|', { a, b });
    expectObservable(clients$.pipe(take(1)), '-^').toBe('-(a|)', { a });
    expectObservable(clients$, '----------^').toBe('     ----------(b|)', { b });
  });
});

test('it has one subscriber at a time', () => {
  scheduler.run(({ expectObservable }) => {
    const clients$ = virtualListener(scheduler, '---|', {});
    expectObservable(clients$).toBe('           ---|');
    const second$ = clients$.pipe(failingWithCode());
    expectObservable(second$).toBe('            #', {}, 'ERR_SOCKET_BUSY');
  });
});

test('it fails with its error', () => {
  scheduler.run(({ expectObservable }) => {
    const error = new Error('no descriptors left');
    expectObservable(virtualListener(scheduler, '--#', {}, error)).toBe('--#', {}, error);
  });
});

test('unsubscribing closes those connections that nobody is subscribed to', () => {
  scheduler.run(({ expectObservable }) => {
    const a = virtualConnection(scheduler, '       -----x-|');
    const b = virtualConnection(scheduler, '       -----y-|');
    const clients$ = virtualListener(scheduler, '  (ab)', { a, b });
    expectObservable(clients$, '--^-!').toBe('     --(ab)', { a, b });
    expectObservable(a.data$, '---^').toBe('       -----x-|', chunks('x'));
    a.expectSent('                                 -------|');
    b.expectSent('                                 ----|');
  });
});

test('an accepted connection ends in answer to its peer, though nobody is subscribed to it', () => {
  scheduler.run(({ expectObservable }) => {
    const a = virtualConnection(scheduler, '--|');
    const clients$ = virtualListener(scheduler, '-----a', { a });
    expectObservable(clients$.pipe(map((client) => client === a))).toBe('-----t', { t: true });
    a.expectSent('-----|');
  });
});

test('bad arguments are refused', () => {
  scheduler.run(() => {
    const type = expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' });
    expect(() => virtualListener(scheduler, 'a', {})).toThrow(type);
    expect(() => virtualListener(null as unknown as TestScheduler, '', {})).toThrow(type);
    expect(() => virtualListener(scheduler, '#', {}, 'no' as unknown as Error)).toThrow(type);
  });
});
