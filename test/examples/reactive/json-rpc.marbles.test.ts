import { delay, of } from 'rxjs';
import { virtualConnection, virtualListener } from 'bipoll/testing';
import { type Methods, RpcError, serveCalls } from '../../../examples/reactive/json-rpc';
import { client } from '../../../examples/reactive/json-rpc-client';
import { marbles } from '../../support/marbles';

const methods: Methods = new Map([
  ['at once', () => of('now')],
  ['soon', () => of('soon').pipe(delay(3))],
  ['late', () => of('late').pipe(delay(1000))],
]);
const json = (value: object) => `${JSON.stringify({ jsonrpc: '2.0', ...value })}\n`;
const timedOut = { code: -32000, message: 'Timed out' };

test(
  'answers come as they are ready, a late one as an error when it is due',
  marbles((scheduler) => {
    const connection = virtualConnection(scheduler, '-lsn', {
      values: {
        l: json({ id: 'l', method: 'late' }),
        s: json({ id: 's', method: 'soon' }),
        n: json({ id: 'n', method: 'at once' }),
      },
    });
    const connections$ = virtualListener(scheduler, 'c', { c: connection });
    serveCalls(connections$, methods, { due: 10, scheduler }).subscribe();
    connection.expectSent('                         ---n-s-----l', {
      n: json({ id: 'n', result: 'now' }),
      s: json({ id: 's', result: 'soon' }),
      l: json({ id: 'l', error: timedOut }),
    });
  }),
);

test(
  'while 16 calls are at work their client is not read from',
  marbles((scheduler) => {
    const batch = json({ id: 1, method: 'soon' }).repeat(16);
    const connection = virtualConnection(scheduler, '-a-b', { values: { a: batch, b: batch } });
    serveCalls(virtualListener(scheduler, 'c', { c: connection }), methods, {
      scheduler,
    }).subscribe();
    scheduler.expectSubscriptions(connection.reads).toBe(['^!', '----(^!)', '-------^']);
  }),
);

test(
  'a client gives each call its own answer, and none that comes too late',
  marbles((scheduler) => {
    const connection = virtualConnection(scheduler, '------ 6ms abc', {
      values: {
        a: json({ id: 1, result: 'too late' }),
        b: json({ id: 3, error: { code: 7, message: 'no' } }),
        c: json({ id: 2, result: 'second' }),
      },
    });
    const call = client(connection, { due: 10, scheduler });
    const tooLate = new RpcError(-32000, 'Timed out');
    scheduler.expectObservable(call('first')).toBe('            ---------- #', {}, tooLate);
    scheduler.expectObservable(call('second'), '-----^').toBe(' ----- 9ms (c|)', { c: 'second' });
    scheduler
      .expectObservable(call('third'), '         -----^')
      .toBe('                                   ----- 8ms #', {}, new RpcError(7, 'no'));
    connection.expectSent('                                  a----(bc)', {
      a: json({ id: 1, method: 'first' }),
      b: json({ id: 2, method: 'second' }),
      c: json({ id: 3, method: 'third' }),
    });
  }),
);
