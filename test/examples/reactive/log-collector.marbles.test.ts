import { map, timer } from 'rxjs';
import { virtualConnection, virtualListener } from 'bipoll/testing';
import { collect } from '../../../examples/reactive/log-collector';
import { marbles } from '../../support/marbles';

const values = { a: '"a"\n', b: '"b"\n', c: '"c"\n', x: '"a"\n"b"\n"c"\n' };

test(
  'lines are written one after the other, and a client is not read while a line of it waits for the disk',
  marbles((scheduler) => {
    const one = virtualConnection(scheduler, '-a-b', { values });
    const two = virtualConnection(scheduler, '--c-', { values });
    const connections$ = virtualListener(scheduler, '(ot)', { o: one, t: two });
    const written$ = collect(connections$, () => timer(5, scheduler), { scheduler });
    scheduler.expectObservable(written$).toBe('------a----c----b', {
      a: { received: 1, record: 'a' },
      b: { received: 6, record: 'b' },
      c: { received: 2, record: 'c' },
    });
    scheduler.expectSubscriptions(one.reads).toBe(['^!', '------(^!)', '----------------^']);
    scheduler.expectSubscriptions(two.reads).toBe(['^-!', '-----------^']);
  }),
);

test(
  'a client sends no more than so many records a second, and loses none',
  marbles((scheduler) => {
    const client = virtualConnection(scheduler, '-x-x|', { values });
    const connections$ = virtualListener(scheduler, 'c', { c: client });
    const options = { perSecond: 20, scheduler };
    const received$ = collect(connections$, () => [], options).pipe(
      map(({ received }) => received),
    );
    // Three at once, as it may be 100 ms ahead, then one in 50.
    scheduler
      .expectObservable(received$)
      .toBe('-(aaa) 45ms b 49ms c 49ms d', { a: 1, b: 51, c: 101, d: 151 });
  }),
);

test(
  'a client that sends no JSON is closed, a disk that fails ends it all',
  marbles((scheduler) => {
    const noise = virtualConnection(scheduler, '-n---', { values: { n: 'noise\n' } });
    const client = virtualConnection(scheduler, '---a-', { values });
    const full = new Error('ENOSPC');
    const connections$ = virtualListener(scheduler, '(nc)', { n: noise, c: client });
    const written$ = collect(
      connections$,
      () => {
        throw full;
      },
      { scheduler },
    );
    scheduler.expectObservable(written$).toBe('---#', {}, full);
    scheduler.expectObservable(noise.closed$.pipe(map((error) => error?.name))).toBe('-(e|)', {
      e: 'FramingError',
    });
  }),
);
