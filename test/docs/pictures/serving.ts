import { catchError, defer, map, of, Subject, tap, throwError } from 'rxjs';
import { reconnect, serve } from 'bipoll/reactive';
import { virtualConnect, virtualConnection, virtualListener } from 'bipoll/testing';
import { startTls } from 'bipoll/tls';
import { picture } from './Picture';

export const serving = [
  picture({
    name: 'serve',
    title:
      'When stop$ emits, nobody is accepted or read any more, what was read is answered, and serve completes.',
    rows: {
      clients: { says: 'clients come', marbles: '-a-b--------c' },
      a: { says: 'a sends', marbles: '--x----y------|' },
      b: { says: 'b sends', marbles: '----x|' },
      stop: { says: 'stop$', marbles: '---------s', shows: { s: 'stop' } },
      operator: { operator: 'serve((connection) => connection.send(connection.data$), { stop$ })' },
      toA: { says: 'a is sent', marbles: '--x----y-|' },
      toB: { says: 'b is sent', marbles: '----x|' },
      over: { says: 'serve is over', marbles: '--------------|' },
    },
    run({ clients, a, b, stop, toA, toB, over }, scheduler, { cold, expectObservable }) {
      const first = virtualConnection(scheduler, a.marbles);
      const second = virtualConnection(scheduler, b.marbles);
      const third = virtualConnection(scheduler, '');
      const connections = { a: first, b: second, c: third };
      const served$ = virtualListener(scheduler, clients.marbles, connections).pipe(
        serve((connection) => connection.send(connection.data$), {
          stop$: cold(stop.marbles),
          scheduler,
        }),
      );
      const over$ = new Subject<never>();
      served$.subscribe({
        complete: () => {
          over$.complete();
        },
      });
      expectObservable(over$).toBe(over.marbles);
      first.expectSent(toA.marbles);
      second.expectSent(toB.marbles);
      third.expectSent('');
    },
  }),
  picture({
    name: 'reconnect',
    title: 'reconnect waits longer after each failure, up to maxDelay.',
    rows: {
      attempts: {
        says: 'connects, fails',
        marbles: 'cf-cf---c',
        shows: { c: 'c', f: 'f' },
      },
      operator: { operator: 'connect$.pipe(reconnect({ delay: 2, jitter: 0 }))' },
      connections: { says: 'emits', marbles: '---------a' },
    },
    run({ attempts, connections }, scheduler, { expectObservable }) {
      const a = virtualConnection(scheduler, '');
      const seen$ = new Subject<string>();
      const connect$ = virtualConnect(scheduler, ['-#', '-#', '-a'], { a });
      const watched$ = defer(() => {
        seen$.next('c');
        return connect$.pipe(
          tap({
            error: () => {
              seen$.next('f');
            },
          }),
        );
      });
      expectObservable(seen$).toBe(attempts.marbles);
      const reconnected$ = watched$.pipe(reconnect({ delay: 2, jitter: 0, scheduler }));
      expectObservable(reconnected$).toBe(connections.marbles, { a });
    },
  }),
  picture({
    name: 'startTls',
    title:
      'startTls gives up a server that does not shake hands, and its connection, after handshakeTimeout.',
    rows: {
      server: { says: 'the server sends', marbles: '-------------' },
      operator: { operator: "startTls({ servername: 'x', handshakeTimeout: 9 })" },
      secured: { says: 'emits', marbles: '---------#' },
      closed: { says: 'closed$ below', marbles: '---------(e|)', shows: { e: 'ETIMEDOUT' } },
    },
    run({ server, secured, closed }, scheduler, { expectObservable }) {
      const connection = virtualConnection(scheduler, server.marbles);
      const codeOf = map((reason: NodeJS.ErrnoException | null) => reason?.code);
      const secured$ = of(connection).pipe(
        startTls({ servername: 'x', handshakeTimeout: 9, scheduler }),
        catchError(({ code }: NodeJS.ErrnoException) => throwError(() => code)),
      );
      expectObservable(secured$).toBe(secured.marbles, undefined, 'ETIMEDOUT');
      expectObservable(connection.closed$.pipe(codeOf)).toBe(closed.marbles, { e: 'ETIMEDOUT' });
    },
  }),
];
