import diagnostics from 'node:diagnostics_channel';
import { lastValueFrom, mergeMap } from 'rxjs';
import {
  type BytesRead,
  type BytesWritten,
  connect,
  type ConnectionClosed,
  type ConnectionFailed,
  listen,
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
  const opened = listenTo('bipoll:connection:open');
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
  expect(closed.map(({ error }) => error)).toEqual([null, null]);
  expect(read.map(({ bytes }) => bytes)).toEqual([5, 5]);
  expect(written.map(({ bytes, queuedBytes }) => [bytes, queuedBytes])).toEqual([
    [5, 0],
    [5, 0],
  ]);
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
    { syscall: 'connect', error: expect.objectContaining({ code: 'ENOENT', path }) },
  ]);
});
