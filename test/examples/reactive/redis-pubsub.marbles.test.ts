import { defer } from 'rxjs';
import { virtualConnection } from 'bipoll/testing';
import { subscribe } from '../../../examples/reactive/redis-pubsub';
import { marbles } from '../../support/marbles';

const values = {
  s: '*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n',
  m: '*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n',
  p: '*2\r\n$4\r\npong\r\n$0\r\n\r\n',
};
const sent = { S: '*2\r\n$9\r\nSUBSCRIBE\r\n$4\r\nnews\r\n', P: '*1\r\n$4\r\nPING\r\n' };
const heard = {
  s: { kind: 'subscribe', channel: 'news' },
  m: { kind: 'message', channel: 'news', text: 'hi' },
};

test(
  'a connection that was reset, and one that fell silent, are each followed by another',
  marbles((scheduler) => {
    const reset = virtualConnection(scheduler, '-s-m-#                        ', { values });
    const silent = virtualConnection(scheduler, '---------------s---p---------', { values });
    const last = virtualConnection(
      scheduler,
      '  -----------------------------------------------s-m',
      { values },
    );
    const connections = [reset, silent, last];
    const connections$ = defer(() => {
      const next = connections.shift()!;
      return [next];
    });
    const options = { delay: 5, jitter: 0, ping: 8, scheduler };
    scheduler
      .expectObservable(
        subscribe(connections$, ['news'], options),
        '-------------------------------------------------------!',
      )
      .toBe('-s-m-----------s 31ms s-m', heard);
    reset.expectSent('S----#', sent);
    silent.expectSent('----------S-------P-------P-------P', sent);
    last.expectSent('45ms S-------P', sent);
  }),
);
