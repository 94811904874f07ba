import {
  delay,
  finalize,
  firstValueFrom,
  lastValueFrom,
  map,
  of,
  take,
  VirtualTimeScheduler,
} from 'rxjs';
import { type TestScheduler } from 'rxjs/testing';
import { socketPair } from 'bipoll';
import { lines } from 'bipoll/framing';
import { fromSocket, type Connection, decode, encode, pacedMap, serve } from 'bipoll/reactive';
import { readUntil, writeAll } from 'bipoll/sync';
import { record, type RecordedConnection, type Recording, virtualConnection } from 'bipoll/testing';
import { pairOfSockets } from '../support/Pair';
import { PATIENCE } from '../support/patience';
import { until } from '../support/until';
import { chunks, marbleScheduler } from './marbles';

let scheduler: TestScheduler;
beforeEach(() => {
  scheduler = marbleScheduler();
});

const shout = (here: Connection) =>
  here.send(
    here.data$.pipe(
      decode(lines()),
      pacedMap((line) => of(line.toUpperCase())),
      encode(lines()),
    ),
  );

/** What a recording looks like once it was replayed with the same pipeline, and recorded again. */
function replay({ received, sent, values, error }: Recording): Recording {
  return scheduler.run(({ flush }) => {
    const options = { values, ...(error && { error }) };
    const virtual = virtualConnection(scheduler, received, options);
    virtual.expectSent(sent, values);
    const recorded = record(virtual);
    shout(recorded).subscribe({ error: () => undefined });
    flush();
    return recorded.recording;
  });
}

describe('a session over a real socket', () => {
  test('becomes diagrams that replay it', async () => {
    const [left, right] = pairOfSockets();
    const clock = new VirtualTimeScheduler();
    const here = record(fromSocket(left), { scheduler: clock });
    const served = lastValueFrom(shout(here));
    const peer = fromSocket(right);
    const replies = lastValueFrom(peer.data$.pipe(decode(lines())));
    await lastValueFrom(peer.send(['hello\n', 'you']));
    await until(() => Object.values(here.recording.values).join('').includes('you'));
    clock.frame = 30;
    await lastValueFrom(peer.send([' there\n']));
    peer.end();
    expect(await replies).toBe('YOU THERE');
    expect(await served).toBe(16);
    await firstValueFrom(here.closed$);

    const { recording } = here;
    expect(recording.received).toMatch(/^\S+ \d+ms \(.+\|\)$/);
    expect(Object.values(recording.values)).toEqual(
      expect.arrayContaining(['HELLO\n', ' there\n', 'YOU THERE\n']),
    );
    expect(replay(recording)).toEqual(recording);
  });

  test('becomes diagrams that end with its reset', async () => {
    const [left, right] = pairOfSockets();
    const here = record(fromSocket(left));
    const served = lastValueFrom(shout(here));
    writeAll(right, 'hello\n', { timeout: PATIENCE });
    while (!right.dataAvailable()) await new Promise(setImmediate);
    right.close(); // with unread bytes, which is a reset
    await expect(served).rejects.toMatchObject({ code: 'ECONNRESET' });

    const { recording } = here;
    expect(recording.received).toMatch(/#\)?$/);
    expect(recording.error).toMatchObject({ code: 'ECONNRESET' });
    expect(replay(recording)).toEqual(recording);
  });

  test('is not disturbed by being recorded', async () => {
    const [left, right] = socketPair();
    const here = record(fromSocket(left));
    writeAll(right, 'one\ntwo\n', { timeout: PATIENCE });
    expect(await firstValueFrom(here.data$.pipe(decode(lines())))).toBe('one');
    const rest = await firstValueFrom(here.data$);
    expect(rest.toString()).toBe('two\n');
    here.write('bye\n');
    expect(readUntil(right, '\n', { timeout: PATIENCE }).toString()).toBe('bye\n');
    here.close();
    // What was given back to be read again was received once.
    expect(here.recording.values).toEqual({ a: 'one\ntwo\n', b: 'bye\n' });
    right.close();
  });
});

describe('a recording in virtual time', () => {
  test('has the diagrams that the connection was made with', () => {
    const received = '--a-b 200ms c|';
    const recording = scheduler.run(({ flush }) => {
      const virtual = virtualConnection(scheduler, received, { values: { c: Buffer.of(255) } });
      const here = record(virtual);
      here.send(here.data$).subscribe();
      flush();
      return here.recording;
    });
    expect(recording).toEqual({
      received,
      sent: received,
      values: { a: 'a', b: 'b', c: Buffer.of(255) },
    });
  });

  test('draws what was at once as a group, and moves what follows in both diagrams', () => {
    const recording = scheduler.run(({ flush }) => {
      const here = record(virtualConnection(scheduler, 'a--b--|'));
      here.data$.subscribe((chunk) => {
        here.write(chunk);
        if (chunk.toString() === 'a') here.write('x');
      });
      flush();
      return here.recording;
    });
    expect(recording).toMatchObject({ received: 'a---c--|', sent: '(ab)c--|' });
  });

  test('tells our close from the peer’s end', () => {
    const recordings = scheduler.run(({ flush }) =>
      [undefined, new Error('enough')].map((error) => {
        const here = record(virtualConnection(scheduler, '-a----|'));
        here.data$.subscribe({ next: () => here.write('b'), error: () => undefined });
        scheduler.schedule(() => {
          here.close(error);
        }, 3);
        flush();
        return here.recording;
      }),
    );
    const diagrams = { received: '-a', values: { a: 'a', b: 'b' } };
    expect(recordings).toEqual([
      { ...diagrams, sent: '-b-|' },
      { ...diagrams, sent: '-b-#', error: new Error('enough') },
    ]);
  });

  test('leaves the back-pressure as it is', () => {
    scheduler.run(({ expectObservable, expectSubscriptions }) => {
      const virtual = virtualConnection(scheduler, '-a-b|');
      const work = jest.fn();
      const slow$ = record(virtual).data$.pipe(
        pacedMap((chunk) => of(chunk).pipe(delay(4), finalize(work))),
        take(2),
      );
      expectObservable(slow$).toBe('               -----a---(b|)', chunks('ab'));
      expectSubscriptions(virtual.reads).toBe(['   ^!', '-----(^!)']);
    });
  });
});

test('bad arguments are refused', () => {
  const type = expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' });
  expect(() => record({} as Connection)).toThrow(type);
  expect(() => record(null as unknown as Connection)).toThrow(type);
});

test('what a handler of serve sends after the end of its client comes before our own end', () => {
  const recording = scheduler.run(({ flush }) => {
    const client = virtualConnection(scheduler, '(a|)', { values: { a: 'hi\n' } });
    let recorded: RecordedConnection | undefined;
    of(client)
      .pipe(
        serve((connection) => {
          recorded = record(connection, { scheduler });
          return recorded.send(
            recorded.data$.pipe(
              delay(20, scheduler),
              map(() => 'yes\n'),
            ),
          );
        }),
      )
      .subscribe();
    flush();
    return recorded!.recording;
  });
  expect(recording).toMatchObject({ received: '(a|)', sent: '20ms (b|)' });
});
