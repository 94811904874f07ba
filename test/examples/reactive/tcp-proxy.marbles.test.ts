import { throwError } from 'rxjs';
import { SocketError } from 'bipoll';
import { virtualConnection, virtualListener } from 'bipoll/testing';
import { proxy } from '../../../examples/reactive/tcp-proxy';
import { marbles } from '../../support/marbles';

const allowHalfOpen = true;

test(
  'each side hears what the other says, and its end',
  marbles((scheduler) => {
    const client = virtualConnection(scheduler, '-a-b-|   ', { allowHalfOpen });
    const server = virtualConnection(scheduler, '--x----y|', { allowHalfOpen });
    const clients$ = virtualListener(scheduler, 'c        ', { c: client });
    const upstream$ = virtualListener(scheduler, 's       ', { s: server });
    scheduler
      .expectObservable(proxy(clients$, upstream$))
      .toBe('                                     --------p', { p: { sent: 2, received: 2 } });
    server.expectSent('                          -a-b-|   ');
    client.expectSent('                          --x----y|');
  }),
);

test(
  'who takes nothing holds back the other side, in this direction',
  marbles((scheduler) => {
    const client = virtualConnection(scheduler, '-a-b-c-----', { allowHalfOpen });
    const server = virtualConnection(scheduler, '----x--y---', {
      allowHalfOpen,
      room: '                                    --f-----d--',
      highWaterMark: 1,
    });
    const clients$ = virtualListener(scheduler, 'c          ', { c: client });
    proxy(clients$, virtualListener(scheduler, 's', { s: server })).subscribe();
    scheduler.expectSubscriptions(client.reads).toBe(['^--!', '--------^']);
    server.expectSent('                          -a------(bc)');
    client.expectSent('                          ----x--y---');
  }),
);

test(
  'the reset of one is a reset for the other, behind what was said',
  marbles((scheduler) => {
    const client = virtualConnection(scheduler, '-a-#', { allowHalfOpen });
    const server = virtualConnection(scheduler, '----', { allowHalfOpen, room: '  f----d' });
    const clients$ = virtualListener(scheduler, 'c   ', { c: client });
    proxy(clients$, virtualListener(scheduler, 's', { s: server })).subscribe();
    server.expectSent('                          -----(a#)');
    scheduler.expectObservable(server.closed$).toBe('-----(n|)', { n: null });
  }),
);

test(
  'a server that refuses what the client still says has said all, which is no reset for the client',
  marbles((scheduler) => {
    const error = new SocketError('write ECONNRESET', 'ECONNRESET', -104, { syscall: 'write' });
    const client = virtualConnection(scheduler, '-a---', { allowHalfOpen });
    const server = virtualConnection(scheduler, '--x-#', { allowHalfOpen, error });
    const clients$ = virtualListener(scheduler, 'c    ', { c: client });
    proxy(clients$, virtualListener(scheduler, 's', { s: server })).subscribe();
    client.expectSent('                          --x-|');
  }),
);

test(
  'a client is closed if no server is there',
  marbles((scheduler) => {
    const client = virtualConnection(scheduler, '-a-', { allowHalfOpen });
    const refused = new Error('ECONNREFUSED');
    const clients$ = virtualListener(scheduler, 'c', { c: client });
    scheduler
      .expectObservable(
        proxy(
          clients$,
          throwError(() => refused),
        ),
      )
      .toBe('---');
    client.expectSent('#', {}, refused);
  }),
);
