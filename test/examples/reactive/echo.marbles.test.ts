import { virtualConnection, virtualListener } from 'bipoll/testing';
import { echo } from '../../../examples/reactive/echo';
import { marbles } from '../../support/marbles';

test(
  'each client gets back what it sent, and the reset of one harms no other',
  marbles((scheduler) => {
    const a = virtualConnection(scheduler, '--x--y---z|');
    const b = virtualConnection(scheduler, '---x-#     ');
    echo(virtualListener(scheduler, '       -a-b-------', { a, b })).subscribe();
    a.expectSent('                          --x--y---z|');
    b.expectSent('                          ---x-#     ');
  }),
);

test(
  'a client that takes nothing is not read from until it does',
  marbles((scheduler) => {
    const client = virtualConnection(scheduler, '-a-b-c-----|', {
      room: '--f----d',
      highWaterMark: 1,
    });
    echo(virtualListener(scheduler, '            c        ', { c: client })).subscribe();
    client.expectSent('                          -a-----(bc)|');
    scheduler.expectSubscriptions(client.reads).toBe(['^--!', '-------^---!']);
  }),
);
