import * as rx from 'rxjs';
import { type TestScheduler } from 'rxjs/testing';
import { lines } from 'bipoll/framing';
import { fromSocket, type Connection, decode, type EventLoop, pacedMap } from 'bipoll/reactive';
import { record, virtualConnection } from 'bipoll/testing';
import { readingOf } from '../../src/reactive/connection/Reading';
import { compositions } from '../support/compositions';
import { loops } from '../support/loops';
import { fill, Pair } from '../support/Pair';
import { Connected, transports } from '../support/transports';
import { until } from '../support/until';
import { marbleScheduler } from '../testing/marbles';

const stuck = () => pacedMap(() => rx.NEVER);

describe.each(loops)('on $name', ({ open }) => {
  let loop: EventLoop;
  beforeEach(() => {
    loop = open();
  });
  afterEach(() => {
    loop.close();
  });

  /** Waits until the loop has told of all that was ready when this was called. */
  async function turn(): Promise<void> {
    const pair = new Pair({ loop });
    pair.peer.write(Buffer.from('x'));
    await rx.firstValueFrom(pair.connection.data$);
    pair.close();
  }

  describe.each(transports)('over $name', (transport) => {
    test.each(compositions)(
      'a consumer that is stuck stops the reading, through $name',
      async ({ compose }) => {
        using ends = new Connected(transport);
        const here = fromSocket(ends.client, { loop });
        const hold = jest.spyOn(readingOf('connection', here), 'hold');
        let read = 0;
        const counted$ = here.data$.pipe(rx.tap((chunk) => (read += chunk.length)));
        const subscription = compose(counted$).pipe(stuck()).subscribe();
        await until(() => {
          ends.remote.write(Buffer.from('x'));
          return hold.mock.calls.length > 0;
        });
        const before = read;
        fill(ends.remote);
        await turn();
        expect(read).toBe(before);
        subscription.unsubscribe();
        here.close();
      },
    );
  });

  test('the connection that a value has chosen is held back, not the one that chose it', async () => {
    const [control, data] = [new Pair({ loop }), new Pair({ loop })];
    const choices: string[] = [];
    control.connection.data$
      .pipe(
        rx.tap((choice) => choices.push(choice.toString())),
        rx.switchMap(() => data.connection.data$),
        stuck(),
      )
      .subscribe();
    const hold = jest.spyOn(readingOf('connection', data.connection), 'hold');
    control.peer.write(Buffer.from('a'));
    await until(() => choices.length === 1);
    data.peer.write(Buffer.from('x'));
    await until(() => hold.mock.calls.length === 1);
    control.peer.write(Buffer.from('b'));
    await until(() => choices.length === 2);
    control.close();
    data.close();
  });
});

describe('in virtual time', () => {
  let scheduler: TestScheduler;
  let warnings: unknown[];
  let advice: string;
  beforeEach(() => {
    scheduler = marbleScheduler();
    warnings = [];
    jest.spyOn(process, 'emitWarning').mockImplementation((text, options) => {
      advice = String(text);
      warnings.push((options as NodeJS.EmitWarningOptions).code);
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const work = (milliseconds: number) => (value: unknown) =>
    rx.of(value).pipe(rx.delay(milliseconds));

  test.each(compositions)(
    'a consumer that is stuck stops the reading, through $name',
    ({ compose }) => {
      scheduler.run(() => {
        const here = virtualConnection(scheduler, '-a-b-c-d-e-f');
        const subscription = compose(here.data$).pipe(stuck()).subscribe();
        scheduler.schedule(() => {
          expect(here.reads.at(-1)!.unsubscribedFrame).toBeLessThan(10);
          subscription.unsubscribe();
        }, 20);
      });
      expect(warnings).toEqual([]);
    },
  );

  test('of two connections each is held back while a value of it waits or is worked on', () => {
    scheduler.run(({ expectObservable, expectSubscriptions }) => {
      const a = virtualConnection(scheduler, '   -a---------A--------|');
      const b = virtualConnection(scheduler, '   ---b-------------|');
      const merged$ = rx.merge(a.data$, b.data$).pipe(
        rx.map((chunk) => chunk.toString()),
        pacedMap(work(6)),
      );
      expectObservable(merged$).toBe('           -------a-----b-----A|');
      expectSubscriptions(a.reads).toBe(['       ^!', '-------^---!', '-------------------^!']);
      expectSubscriptions(b.reads).toBe(['       ^--!', '-------------^---!']);
    });
  });

  test('while not all places are taken nobody is held back', () => {
    scheduler.run(({ expectSubscriptions }) => {
      const a = virtualConnection(scheduler, 'a');
      const b = virtualConnection(scheduler, '--b');
      rx.merge(a.data$, b.data$)
        .pipe(pacedMap(work(4), { concurrency: 2 }))
        .subscribe();
      expectSubscriptions(a.reads).toBe(['^-!', '----^']);
      expectSubscriptions(b.reads).toBe(['^-!', '----^']);
    });
  });

  test('a connection that emits while another one does is the one that is held back', () => {
    scheduler.run(({ expectSubscriptions }) => {
      const outer = virtualConnection(scheduler, '---a');
      const inner = virtualConnection(scheduler, '-x');
      // What had arrived at the inner one is delivered within the callback of the outer one.
      const values$ = outer.data$.pipe(
        rx.mergeMap((chunk) => rx.merge(rx.of(chunk), inner.data$)),
        rx.filter((chunk) => chunk.toString() === 'x'),
      );
      values$.pipe(stuck()).subscribe({ error: () => undefined });
      expectSubscriptions(outer.reads).toBe('^');
      expectSubscriptions(inner.reads).toBe('---(^!)');
    });
  });

  test('what throws while a connection emits does not leave it the one that is held back', () => {
    scheduler.run(({ expectSubscriptions }) => {
      const here = virtualConnection(scheduler, '-a');
      const other = new rx.Subject<string>();
      other.pipe(stuck()).subscribe();
      here.data$.subscribe({
        next() {
          throw new Error('a mistake');
        },
      });
      rx.config.onUnhandledError = () => undefined;
      scheduler.schedule(() => {
        other.next('x');
        other.next('y');
      }, 3);
      scheduler.schedule(() => {
        rx.config.onUnhandledError = null;
      }, 4);
      expectSubscriptions(here.reads).toBe('^');
    });
    expect(warnings).toEqual(['BIPOLL_UNHELD_SOURCE']);
  });

  test('a connection whose value made somebody subscribe is not held back for what that emits', () => {
    scheduler.run(({ expectSubscriptions }) => {
      const control = virtualConnection(scheduler, '-a-b');
      const data = virtualConnection(scheduler, '   --x');
      control.data$
        .pipe(rx.switchMap(() => data.data$.pipe(rx.startWith('first'), stuck())))
        .subscribe();
      expectSubscriptions(control.reads).toBe('^');
      expectSubscriptions(data.reads).toBe(['   -^!', '---^']);
    });
  });

  test('results of a value that has waited are those of its connection, whoever ended the waiting', () => {
    scheduler.run(({ expectSubscriptions }) => {
      const here = virtualConnection(scheduler, '-a', { values: { a: '1\n2\n' } });
      const other = virtualConnection(scheduler, '---x-y');
      const first$ = other.data$.pipe(rx.map(String), rx.take(1));
      here.data$
        .pipe(
          decode(lines()),
          pacedMap((line) => (line === '1' ? first$ : rx.of(line))),
          rx.filter((result) => result === '2'),
          stuck(),
        )
        .subscribe();
      expectSubscriptions(here.reads).toBe('^!');
      expectSubscriptions(other.reads).toBe('-^-!');
    });
  });

  test.each([
    { name: '', compose: rx.map<Buffer, string>(String) },
    { name: ', through operators of ours', compose: decode(lines()) },
  ])('nor if what it made somebody subscribe to comes later$name', ({ compose }) => {
    scheduler.run(({ expectSubscriptions }) => {
      const control = virtualConnection(scheduler, '-a');
      const data = virtualConnection(scheduler, '   -xyz', {
        values: { x: 'x\n', y: 'y\n', z: 'z\n' },
      });
      control.data$
        .pipe(
          rx.switchMap(() => compose(data.data$).pipe(rx.delay(1))),
          stuck(),
        )
        .subscribe();
      expectSubscriptions(control.reads).toBe('^');
    });
    expect(warnings).toEqual(['BIPOLL_UNHELD_SOURCE']);
  });

  test('a connection that is being recorded is held back through its recording', () => {
    scheduler.run(({ expectSubscriptions }) => {
      const here = virtualConnection(scheduler, '-ab');
      record(here).data$.pipe(rx.delay(2), stuck()).subscribe();
      expectSubscriptions(here.reads).toBe('^--!');
    });
  });

  test('results that come later are held back by the connection of their values', () => {
    scheduler.run(({ expectObservable, expectSubscriptions }) => {
      const here = virtualConnection(scheduler, '  -a---b-----------|');
      const results$ = rx.timer(0).pipe(
        rx.switchMap(() => here.data$), // subscribed to later, so that only its values can tell
        pacedMap(work(1)),
        rx.map(String),
        pacedMap(work(6)),
      );
      expectObservable(results$).toBe('          --------a------b-|');
      expectSubscriptions(here.reads).toBe(['   ^!', '--------(^!)', '---------------^-!']);
    });
    expect(warnings).toEqual([]);
  });

  describe('where the connection cannot be known', () => {
    /** Hidden, as there are two that a value may have come from by the time that it comes. */
    const hidden = (...all: Connection[]) =>
      rx.merge(...all.map(({ data$ }) => data$)).pipe(rx.delay(1), rx.map(String));

    test('a warning says so, once, and what to do', () => {
      scheduler.run(({ expectSubscriptions }) => {
        const [a, b] = [virtualConnection(scheduler, '-aaa'), virtualConnection(scheduler, '-b')];
        hidden(a, b).pipe(stuck()).subscribe();
        expectSubscriptions(a.reads).toBe('^');
        expectSubscriptions(b.reads).toBe('^');
      });
      expect(warnings).toEqual(['BIPOLL_UNHELD_SOURCE']);
      expect(advice).toContain('{ holds: connection }');
    });

    test('each subscription warns for itself', () => {
      scheduler.run(({ hot }) => {
        const paced$ = hot('-abc').pipe(stuck());
        paced$.subscribe();
        paced$.subscribe();
      });
      expect(warnings).toHaveLength(2);
    });

    test('nobody is warned while nothing has to wait', () => {
      scheduler.run(({ hot }) => {
        hot('-a----b----c')
          .pipe(pacedMap(work(3)))
          .subscribe();
      });
      expect(warnings).toEqual([]);
    });

    test('nor for what was in memory when it was subscribed to', () => {
      scheduler.run(() => {
        rx.of(1, 2, 3).pipe(stuck()).subscribe();
        rx.from([1, 2, 3]).pipe(rx.startWith(0), stuck()).subscribe();
      });
      expect(warnings).toEqual([]);
    });

    test('the connections that the program names are held back, without a warning', () => {
      scheduler.run(({ expectObservable, expectSubscriptions }) => {
        const a = virtualConnection(scheduler, '-a--A|');
        const b = virtualConnection(scheduler, '----b|');
        const paced$ = hidden(a, b).pipe(pacedMap(work(4), { holds: [a, b] }));
        expectObservable(paced$).toBe('         ------a----A---(b|)');
        expectSubscriptions(a.reads).toBe(['     ^-!', '------(^!)']);
        expectSubscriptions(b.reads).toBe(['     ^-!', '------(^!)']);
      });
      expect(warnings).toEqual([]);
    });

    test('one is enough', () => {
      scheduler.run(({ expectSubscriptions }) => {
        const [a, b] = [virtualConnection(scheduler, '-aaa'), virtualConnection(scheduler, '-b')];
        hidden(a, b)
          .pipe(pacedMap(() => rx.NEVER, { holds: a }))
          .subscribe();
        expectSubscriptions(a.reads).toBe('^-!');
        expectSubscriptions(b.reads).toBe('^');
      });
    });

    test('send warns while its queue is full', () => {
      scheduler.run(({ hot }) => {
        const here = virtualConnection(scheduler, '-', { room: 'f', highWaterMark: 1 });
        here.send(hot('-abc')).subscribe();
      });
      expect(warnings).toEqual(['BIPOLL_UNHELD_SOURCE']);
    });
  });

  test('decode says whose frames they are', () => {
    scheduler.run(({ expectSubscriptions }) => {
      const here = virtualConnection(scheduler, '-a-b', { values: { a: '1\n2\n', b: '3\n' } });
      here.data$.pipe(rx.delay(1), decode(lines()), rx.share(), stuck()).subscribe();
      expectSubscriptions(here.reads).toBe('^-!');
    });
  });
});

test('two connections over sockets are held back, each only by its own values', async () => {
  const pairs = [new Pair({}), new Pair({})];
  const holds = pairs.map((pair) => jest.spyOn(readingOf('connection', pair.connection), 'hold'));
  const jobs = new rx.Subject<void>();
  const done: string[] = [];
  rx.merge(...pairs.map((pair) => pair.connection.data$.pipe(decode(lines()))))
    .pipe(
      pacedMap((line) =>
        jobs.pipe(
          rx.take(1),
          rx.map(() => line),
        ),
      ),
    )
    .subscribe((line) => done.push(line));
  pairs[0]!.peer.write(Buffer.from('a\n'));
  await until(() => holds[0]!.mock.calls.length === 1);
  expect(holds[1]).not.toHaveBeenCalled();
  pairs[1]!.peer.write(Buffer.from('b\n'));
  await until(() => holds[1]!.mock.calls.length === 1);
  jobs.next();
  expect(done).toEqual(['a']);
  pairs[0]!.peer.write(Buffer.from('c\n')); // it is read, although the other one's value is being worked on
  await until(() => holds[0]!.mock.calls.length === 2);
  jobs.next();
  jobs.next();
  expect(done).toEqual(['a', 'b', 'c']);
  for (const pair of pairs) pair.close();
});
