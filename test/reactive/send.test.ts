import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  firstValueFrom,
  from,
  lastValueFrom,
  map,
  merge,
  of,
  Subject,
  switchMap,
  timer,
} from 'rxjs';
import { type TestScheduler } from 'rxjs/testing';
import { fromSocket } from 'bipoll/reactive';
import { toAsyncIterable } from 'bipoll/streams';
import { virtualConnection } from 'bipoll/testing';
import { send } from '../../src/reactive/send';
import { Pair } from '../support/Pair';
import { chunks, failingWithCode, marbleScheduler } from '../testing/marbles';

let scheduler: TestScheduler;
beforeEach(() => {
  scheduler = marbleScheduler();
});

test('emits the bytes handed over so far, and completes when the peer has them all', () => {
  scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
    const here = virtualConnection(scheduler, '-', { room: '---f---d' });
    const source = cold('-a---b|', { a: 'a', b: 'bb' });
    expectObservable(here.send(source)).toBe('-x---y-|', { x: 1, y: 3 });
    expectSubscriptions(source.subscriptions).toBe('^-----!');
    here.expectSent('-a-----b', { b: 'bb' });
  });
});

test('does not read the connection behind the source while the queue is full', () => {
  scheduler.run(({ expectObservable, expectSubscriptions }) => {
    const from = virtualConnection(scheduler, '   -a-b-c-----|');
    const to = virtualConnection(scheduler, '-', { room: 'f------d', highWaterMark: 1 });
    const piped$ = to.send(from.data$.pipe(map((chunk) => chunk.toString().toUpperCase())));
    expectObservable(piped$).toBe('                -1-----(23)|', { 1: 1, 2: 2, 3: 3 });
    expectSubscriptions(from.reads).toBe([' ^!', '-------^---!']);
    to.expectSent('                         -------(ABC)');
  });
});

test('asks an iterable for no more while the queue is full', () => {
  scheduler.run(({ expectObservable }) => {
    const asked: string[] = [];
    function* letters() {
      for (const letter of ['a', 'b', 'c']) {
        asked.push(`${letter} at ${scheduler.now()}`);
        yield letter;
      }
    }
    const here = virtualConnection(scheduler, '-', { room: '(f)--d', highWaterMark: 2 });
    expectObservable(here.send(letters())).toBe('(12)-(3|)', { 1: 1, 2: 2, 3: 3 });
    here.expectSent('-----(abc)');
    scheduler.flush();
    expect(asked).toEqual(['a at 0', 'b at 0', 'c at 5']);
  });
});

test('passes the error of the source on', () => {
  scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
    const here = virtualConnection(scheduler, '-');
    const source = cold('               -a-#');
    expectObservable(here.send(source)).toBe('  -x-#', { x: 1 });
    expectSubscriptions(source.subscriptions).toBe('^--!');
    here.expectSent('                           -a');
  });
});

test('unsubscribes from the source, and holds nothing back, once it is unsubscribed from', () => {
  scheduler.run(({ expectObservable, expectSubscriptions }) => {
    const from = virtualConnection(scheduler, '-a-b-|');
    const to = virtualConnection(scheduler, '  -', { room: 'f', highWaterMark: 1 });
    expectObservable(to.send(from.data$), '   ^---!').toBe('-x', { x: 1 });
    expectObservable(from.data$, '            -----^').toBe('-----(b|)', chunks('b'));
    expectSubscriptions(from.reads).toBe(['   ^!', '-----(^!)']);
  });
});

test('fails with the reset that comes while the queue is full', () => {
  scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
    const options = { room: 'f', highWaterMark: 1 };
    const here = virtualConnection(scheduler, '---#', options);
    const source = hot('-a------b');
    const sent$ = here.send(source).pipe(failingWithCode());
    expectObservable(sent$).toBe('-x-#', { x: 1 }, 'ECONNRESET');
    expectSubscriptions(source.subscriptions).toBe('^--!');
  });
});

test('fails when a source goes on that cannot be held back', () => {
  jest.spyOn(process, 'emitWarning').mockImplementationOnce(() => undefined);
  scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
    const options = { room: 'f', highWaterMark: 1, maxQueueBytes: 2 };
    const here = virtualConnection(scheduler, '-', options);
    const source = hot('-abc-d');
    const sent$ = here.send(source).pipe(failingWithCode());
    expectObservable(sent$).toBe('-xy#', { x: 1, y: 2 }, 'ERR_QUEUE_FULL');
    expectSubscriptions(source.subscriptions).toBe('^--!');
  });
});

test('fails when it is closed before all is sent', () => {
  scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
    const here = virtualConnection(scheduler, '-', { room: 'f' });
    const source = cold('-a|');
    scheduler.schedule(() => {
      here.close();
    }, 4);
    const sent$ = here.send(source).pipe(failingWithCode());
    expectObservable(sent$).toBe('-x--#', { x: 1 }, 'ERR_SOCKET_CLOSED');
    expectSubscriptions(source.subscriptions).toBe('^-!');
    here.expectSent('----|');
  });
});

test('holds the connection that a value came from, however it came', () => {
  scheduler.run(({ expectSubscriptions }) => {
    const from = virtualConnection(scheduler, '-a-b-|');
    const to = virtualConnection(scheduler, '-', { room: 'f---d', highWaterMark: 1 });
    to.send(of(from).pipe(switchMap(({ data$ }) => data$))).subscribe();
    expectSubscriptions(from.reads).toBe(['     ^!', '----^!']);
    to.expectSent('                           ----(ab)');
  });
});

test('holds it each time that the queue is full', () => {
  scheduler.run(({ expectSubscriptions }) => {
    const from = virtualConnection(scheduler, '-a---b-c----|');
    const to = virtualConnection(scheduler, '-', { room: 'f--d--f---d', highWaterMark: 1 });
    to.send(from.data$).subscribe();
    expectSubscriptions(from.reads).toBe(['     ^!', '---^---!', '----------^-!']);
    to.expectSent('                           ---a-b----c');
  });
});

test('holds both of two connections while the queue is full', () => {
  scheduler.run(({ expectSubscriptions }) => {
    const a = virtualConnection(scheduler, ' -a-----|');
    const b = virtualConnection(scheduler, ' --b----|');
    const to = virtualConnection(scheduler, '-', { room: 'f---d', highWaterMark: 1 });
    to.send(merge(a.data$, b.data$)).subscribe();
    expectSubscriptions(a.reads).toBe(['    ^!', '----^--!']);
    expectSubscriptions(b.reads).toBe(['    ^-!', '----^--!']);
  });
});

test('ends a source that would emit without end while it is subscribed to', () => {
  let asked = 0;
  function* many(): Generator<string, void> {
    for (; asked < 10_000; asked++) yield 'x';
  }
  scheduler.run(({ expectObservable }) => {
    const here = virtualConnection(scheduler, '-', { room: '(f)', maxQueueBytes: 3 });
    const sent$ = timer(1).pipe(
      switchMap(() => here.send(from(many()))),
      failingWithCode(),
    );
    expectObservable(sent$).toBe('-(123#)', { 1: 1, 2: 2, 3: 3 }, 'ERR_QUEUE_FULL');
  });
  expect(asked).toBeLessThan(10);
});

test.each([{}, () => 'x', 5, null, 'text', Buffer.alloc(1)])('refuses %p as a source', (source) => {
  scheduler.run(() => {
    const here = virtualConnection(scheduler, '-');
    expect(() => here.send(source as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });
});

describe('of an iterator', () => {
  const step = (value?: string) => ({ done: value === undefined, value: value as string });
  let pair: Pair;
  let unhandled: unknown[];
  const onUnhandled = (reason: unknown) => unhandled.push(reason);
  beforeEach(() => {
    pair = new Pair({});
    unhandled = [];
    process.on('uncaughtException', onUnhandled);
    process.on('unhandledRejection', onUnhandled);
  });
  afterEach(() => {
    process.off('uncaughtException', onUnhandled);
    process.off('unhandledRejection', onUnhandled);
    pair.close();
  });

  const iterable = (kind: symbol, iterator: object) =>
    ({ [kind]: () => iterator }) as unknown as AsyncIterable<string>;

  /** Sends what an iterator of either kind gives. @returns how that ended */
  async function outcomeOf(kind: symbol, next: () => unknown): Promise<unknown> {
    const source = iterable(kind, { next });
    const outcome = await lastValueFrom(pair.connection.send(source)).catch(
      (error: unknown) => error,
    );
    await nextTurn();
    expect(unhandled).toEqual([]);
    return outcome;
  }

  describe.each([
    { name: 'asynchronous', kind: Symbol.asyncIterator },
    { name: 'synchronous', kind: Symbol.iterator },
  ])('that is $name', ({ kind }) => {
    const isAsync = kind === Symbol.asyncIterator;
    const inTurn = (...steps: unknown[]) => {
      let index = 0;
      return () => steps[index++];
    };

    test('sends what it gives, without promises', async () => {
      expect(await outcomeOf(kind, inTurn(step('a'), step('bc'), step()))).toBe(3);
    });

    test('fails with what a later call throws', async () => {
      const error = new Error('a mistake');
      let calls = 0;
      const next = () => {
        if (calls++ > 0) throw error;
        return isAsync ? Promise.resolve(step('a')) : step('a');
      };
      expect(await outcomeOf(kind, next)).toBe(error);
    });

    test.each([undefined, null, 5])('fails with a step that is %p', async (wrong) => {
      expect(await outcomeOf(kind, inTurn(step('a'), wrong))).toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
      });
    });

    test.each([
      ['gives no promise', () => step()],
      [
        'throws',
        () => {
          throw new Error('too late');
        },
      ],
      ['is rejected', () => Promise.reject(new Error('too late'))],
    ])('can be unsubscribed from, though return() %s', async (_, onReturn) => {
      const left = jest.fn(onReturn as () => unknown);
      pair.connection.write(Buffer.alloc(2 ** 22)); // so that it has to wait
      const source = iterable(kind, { next: () => step('x'), return: left });
      const subscription = pair.connection.send(source).subscribe();
      await nextTurn();
      subscription.unsubscribe();
      await nextTurn();
      expect(left).toHaveBeenCalledTimes(1);
      expect(unhandled).toEqual([]);
    });

    test('is not left once it has ended or failed by itself', async () => {
      const left = jest.fn();
      for (const last of [step(), null]) {
        const source = iterable(kind, { next: inTurn(step('a'), last), return: left });
        await lastValueFrom(pair.connection.send(source)).catch(() => undefined);
      }
      expect(left).not.toHaveBeenCalled();
    });
  });
});

test('keeps nothing of the times that its queue was full', async () => {
  const pair = new Pair({ highWaterMark: 1 });
  const source = new Subject<Buffer>();
  const subscription = pair.connection.send(source).subscribe();
  const finalizers = () => {
    const seen = new Set<unknown>();
    const count = (each: { _finalizers?: object[] | null }): number => {
      if (seen.has(each)) return 0;
      seen.add(each);
      return 1 + (each._finalizers ?? []).reduce((sum, inner) => sum + count(inner), 0);
    };
    return count(subscription as object);
  };
  const atFirst = finalizers();
  for (let i = 0; i < 5; i++) {
    const drained = firstValueFrom(pair.connection.writable$);
    source.next(Buffer.alloc(2 ** 22));
    for await (const chunk of toAsyncIterable(fromSocket(pair.peer))) {
      expect(chunk.length).toBeGreaterThan(0);
      if (await Promise.race([drained.then(() => true), nextTurn(false)])) break;
    }
  }
  expect(finalizers()).toBe(atFirst);
  pair.close();
});

test('who has unsubscribed is not kept until the queue is empty', () => {
  const waiting = new Set<unknown>();
  const full = {
    write: () => false,
    whenDrained: (call: unknown) => void waiting.add(call),
    forgetDrained: (call: unknown) => void waiting.delete(call),
  };
  const source = new Subject<string>();
  const subscription = send(full, source).subscribe();
  source.next('x');
  expect(waiting.size).toBe(1);
  subscription.unsubscribe();
  expect(waiting.size).toBe(0);
});
