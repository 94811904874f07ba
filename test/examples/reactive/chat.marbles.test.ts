import { map } from 'rxjs';
import { virtualConnection, virtualListener } from 'bipoll/testing';
import { chat, SlowClientError } from '../../../examples/reactive/chat';
import { marbles } from '../../support/marbles';

test(
  'a room hears who comes, what is said, and who leaves',
  marbles((scheduler) => {
    const values = { j: 'join den ann\n', k: 'join den ben\n', s: 'say hi\n', l: 'leave\n' };
    const ann = virtualConnection(scheduler, '-j---s---|', { values });
    const ben = virtualConnection(scheduler, '---k---l--', { values });
    chat(virtualListener(scheduler, '         (ab)      ', { a: ann, b: ben })).subscribe();
    const heard = { j: '* ann joined\n', k: '* ben joined\n', s: 'ann: hi\n', l: '* ben left\n' };
    ann.expectSent('                          -j-k-s-l-|', heard);
    ben.expectSent('                          ---k-s----', heard);
  }),
);

test(
  'whose queue is full is dropped, the others hear that at once',
  marbles((scheduler) => {
    const values = { j: 'join den ann\n', k: 'join den ben\n', s: 'say 12345678\n' };
    const ann = virtualConnection(scheduler, '-j---s-s---s', { values });
    const ben = virtualConnection(scheduler, '---k-------', {
      values,
      room: '                                 ----f------',
      highWaterMark: 20,
    });
    chat(virtualListener(scheduler, '         (ab)       ', { a: ann, b: ben })).subscribe();
    const heard = {
      j: '* ann joined\n',
      k: '* ben joined\n',
      s: 'ann: 12345678\n',
      l: '* ben left\n',
    };
    ann.expectSent('                          -j-k-s-(sl)s', heard);
    scheduler
      .expectObservable(ben.closed$.pipe(map((error) => error instanceof SlowClientError)))
      .toBe('                                 -------(t|)', { t: true });
  }),
);
