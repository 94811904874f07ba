import diagnostics from 'node:diagnostics_channel';
import { lastValueFrom, mergeMap, Subject } from 'rxjs';
import { connectLocal, LocalServer } from 'bipoll';
import {
  type BytesQueued,
  type BytesRead,
  type BytesWritten,
  connect,
  type Connection,
  type ConnectionClosed,
  type ConnectionFailed,
  type ConnectionOpened,
  listen,
  type ListenerChanged,
  openConnection,
  pacedMap,
  type ReadingHeld,
  type SideEnded,
} from 'bipoll/reactive';
import { freshPath } from '../support/freshPath';
import { until } from '../support/until';

/** What is published on a channel while a test runs. */
function listenTo<Message>(name: string): Message[] {
  const messages: Message[] = [];
  const onMessage = (message: unknown) => messages.push(message as Message);
  diagnostics.subscribe(name, onMessage);
  undo.push(() => diagnostics.unsubscribe(name, onMessage));
  return messages;
}

const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0)) each();
});

test('channels tell of connections, their bytes, and their ends', async () => {
  const path = freshPath();
  const opened = listenTo<ConnectionOpened>('bipoll:connection:open');
  const closed = listenTo<ConnectionClosed>('bipoll:connection:close');
  const read = listenTo<BytesRead>('bipoll:connection:read');
  const written = listenTo<BytesWritten>('bipoll:connection:write');
  const serving = listen({ path })
    .pipe(mergeMap((connection) => connection.send(connection.data$)))
    .subscribe();
  await lastValueFrom(
    connect({ path }, { answerTimeout: 500 }).pipe(
      mergeMap((connection) => {
        connection.write('hello');
        connection.end();
        return connection.data$;
      }),
    ),
  );
  await until(() => closed.length === 2);
  serving.unsubscribe();
  expect(opened).toHaveLength(2);
  expect(opened.map(({ id, connection }) => id === connection.id)).toEqual([true, true]);
  expect(closed.map(({ id }) => id).sort()).toEqual(opened.map(({ id }) => id).sort());
  for (const { id, time } of closed) {
    expect(time).toBeGreaterThanOrEqual(opened.find((each) => each.id === id)!.time);
  }
  expect(closed.map(({ error }) => error)).toEqual([null, null]);
  expect(read.map(({ bytes }) => bytes)).toEqual([5, 5]);
  expect(written.map(({ bytes, queuedBytes }) => [bytes, queuedBytes])).toEqual([
    [5, 0],
    [5, 0],
  ]);
});

test('channels tell what is written, what comes, and the end of each side', async () => {
  const path = freshPath();
  const queued = listenTo<BytesQueued>('bipoll:connection:queue');
  const read = listenTo<BytesRead>('bipoll:connection:read');
  const ended = listenTo<SideEnded>('bipoll:connection:end');
  const serving = listen({ path }).subscribe(({ data$ }) => data$.subscribe());
  const client = await openConnection({ path }, { answerTimeout: 500 });
  client.write('hello');
  client.end();
  client.end();
  await until(() => ended.some(({ id }) => id !== client.id));
  serving.unsubscribe();
  client.close();
  expect(queued.map(({ id, chunk, queuedBytes }) => [id, chunk, queuedBytes])).toEqual([
    [client.id, 'hello', 5],
  ]);
  expect(read.map(({ chunk }) => chunk.length)).toEqual([5]);
  const ends = ended.map(({ id, side, isReset }) => [id === client.id, side, isReset]);
  expect(ends[0]).toEqual([true, 'own', false]);
  expect(ends).toContainEqual([false, 'peer', false]);
});

test('a channel tells when reading is held back, and when it goes on', async () => {
  const path = freshPath();
  const held = listenTo<ReadingHeld>('bipoll:connection:hold');
  const answer = new Subject<void>();
  const serving = listen({ path })
    .pipe(mergeMap(({ data$ }) => data$.pipe(pacedMap(() => answer))))
    .subscribe();
  const client = await openConnection({ path });
  client.write('question');
  await until(() => held.length === 1);
  answer.complete();
  await until(() => held.length === 2);
  serving.unsubscribe();
  client.close();
  expect(held.map(({ isHeld }) => isHeld)).toEqual([true, false]);
});

test('a channel tells of queues that grow and shrink', async () => {
  const path = freshPath();
  const written = listenTo<BytesWritten>('bipoll:connection:write');
  const serving = listen({ path })
    .pipe(mergeMap((connection) => connection.data$))
    .subscribe();
  await lastValueFrom(
    connect({ path }).pipe(
      mergeMap((connection) => {
        connection.write(Buffer.alloc(5_000_000));
        connection.end();
        return connection.data$;
      }),
    ),
    { defaultValue: null },
  );
  serving.unsubscribe();
  expect(Math.max(...written.map(({ queuedBytes }) => queuedBytes))).toBeGreaterThan(1_000_000);
  expect(written.at(-1)!.queuedBytes).toBe(0);
  expect(written.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(5_000_000);
});

test('a channel tells of what failed', async () => {
  const path = freshPath();
  const failed = listenTo<ConnectionFailed>('bipoll:connection:fail');
  await lastValueFrom(connect({ path })).catch(() => undefined);
  expect(failed).toEqual([
    {
      syscall: 'connect',
      error: expect.objectContaining({ code: 'ENOENT', path }),
      time: expect.any(Number),
    },
  ]);
});

test('channels tell of listeners: that they listen, are full, have room again, and are closed', async () => {
  const path = freshPath();
  const told: string[] = [];
  for (const what of ['open', 'full', 'room', 'close']) {
    const name = `bipoll:listener:${what}`;
    const onMessage = (message: unknown) => {
      const { server, connections } = message as ListenerChanged;
      told.push(`${what} ${connections} ${server instanceof LocalServer && server.path === path}`);
    };
    diagnostics.subscribe(name, onMessage);
    undo.push(() => diagnostics.unsubscribe(name, onMessage));
  }
  const accepted: Connection[] = [];
  const serving = listen({ path }, { maxConnections: 1 }).subscribe((each) => accepted.push(each));
  using client = connectLocal({ path });
  await until(() => accepted.length === 1);
  client.close();
  await until(() => told.length === 3);
  serving.unsubscribe();
  expect(told).toEqual(['open 0 true', 'full 1 true', 'room 0 true', 'close 0 true']);
});
