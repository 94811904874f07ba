import { hasSubscribers } from 'node:diagnostics_channel';
import { fromSocket } from 'bipoll/reactive';
import { socketPair } from 'bipoll';
import { Activity } from '../../src/inspect/Activity';
import { LIMITS } from '../../src/inspect/limits';
import { channels } from '../../src/reactive/connection/channels';
import { until } from '../support/until';
import { connectedPair, publishReads } from './connections';

const activities: Activity[] = [];
function startedActivity(limits: Partial<typeof LIMITS> = {}): Activity {
  const activity = new Activity({ ...LIMITS, ...limits });
  activities.push(activity);
  activity.start();
  return activity;
}
afterEach(() => {
  for (const each of activities.splice(0)) each.stop();
});

const names = Object.values(channels)
  .map(({ name }) => name)
  .filter((name) => !String(name).startsWith('bipoll:listener'));

test('is subscribed to the channels only between start and stop', () => {
  const activity = new Activity();
  expect(names.map((name) => hasSubscribers(name))).not.toContain(true);
  activity.start();
  expect(names.map((name) => hasSubscribers(name))).not.toContain(false);
  activity.stop();
  expect(names.map((name) => hasSubscribers(name))).not.toContain(true);
});

test('tells what goes in and out, the ends of both sides, and the close', async () => {
  const activity = startedActivity();
  const [left, right] = connectedPair();
  left.data$.subscribe();
  right.data$.subscribe();
  left.write('hello');
  left.end();
  await until(() => activity.snapshot().totals.closed === 2);
  const { marks, rows, totals, leftOut } = activity.take();
  const kindsOf = (id: number) => marks.filter(([of]) => of === id).map(([, , kind]) => kind);
  expect(kindsOf(left.id)).toEqual(['open', 'out', 'ownEnd', 'peerEnd', 'close']);
  expect(kindsOf(right.id)).toEqual(['open', 'in', 'peerEnd', 'ownEnd', 'close']);
  expect(totals).toMatchObject({ opened: 2, closed: 2, chunksIn: 1, bytesIn: 5, bytesOut: 5 });
  expect(rows).toMatchObject([
    { id: left.id, isOpen: false, bytesWritten: 5, error: null, unsavable: null },
    { id: right.id, isOpen: false, bytesRead: 5 },
  ]);
  expect(leftOut).toBe(0);
  expect(activity.take()).toMatchObject({ marks: [], rows: [] });
});

test('tells that a connection is held back, and goes on', () => {
  const activity = startedActivity();
  const [left] = connectedPair();
  const { reading } = left.data$ as unknown as { reading: { hold(): void; release(): void } };
  reading.hold();
  reading.hold();
  const { time, rows } = activity.take();
  expect(rows).toMatchObject([{ id: left.id, heldAt: expect.any(Number) }, { heldAt: null }]);
  const heldAt = rows[0]!.heldAt!;
  expect(heldAt).toBeLessThanOrEqual(time);
  reading.release();
  reading.release();
  const later = activity.take();
  expect(later.rows).toMatchObject([{ id: left.id, heldAt: null }]);
  expect(later.marks).toEqual([[left.id, heldAt, 'held', expect.any(Number), 0]]);
  expect(later.marks[0]![3]).toBeGreaterThanOrEqual(time - heldAt);
});

test('a connection that closes is held back no longer', () => {
  const activity = startedActivity();
  const [left] = connectedPair();
  const { reading } = left.data$ as unknown as { reading: { hold(): void } };
  reading.hold();
  left.close();
  const { rows, marks } = activity.take();
  expect(rows[0]).toMatchObject({ id: left.id, isOpen: false, heldAt: null });
  const kinds = marks.filter(([of]) => of === left.id).map(([, , kind]) => kind);
  expect(kinds).toEqual(['open', 'held', 'close']);
});

test('tells a reset from an end, on either side', async () => {
  const { listen, openConnection } = await import('bipoll/reactive');
  const activity = startedActivity();
  let port = 0;
  const errors: unknown[] = [];
  const serving = listen(
    { port: 0 },
    { onListening: (at) => (port = (at as { port: number }).port) },
  ).subscribe(({ data$ }) => data$.subscribe({ error: (error) => errors.push(error) }));
  await until(() => port > 0);
  const client = await openConnection({ port });
  client.write('x');
  await until(() => activity.snapshot().totals.bytesIn === 1);
  client.reset();
  await until(() => activity.snapshot().totals.closed === 2);
  serving.unsubscribe();
  const kinds = activity.take().marks.map(([, , kind]) => kind);
  expect(kinds).toEqual(expect.arrayContaining(['ownReset', 'peerReset', 'fail', 'close']));
  expect(errors).toHaveLength(1);
});

test('leaves out marks beyond its limit and says how many, while the figures count all', () => {
  const activity = startedActivity({ marksPerSecond: 50 });
  const [left] = connectedPair();
  publishReads(left, 100_000);
  const { marks, leftOut, totals } = activity.take();
  expect(marks.length + leftOut).toBe(100_002); // two were opened
  expect(leftOut).toBeGreaterThan(0);
  expect(totals.chunksIn).toBe(100_000);
  const slices = new Set(marks.map(([, time]) => Math.floor(time / 100)));
  expect(marks.length).toBeLessThanOrEqual(5 * slices.size);
});

test('what it leaves out is not always of the same connections', () => {
  const activity = startedActivity({ marksPerSecond: 1000 });
  const [first, last] = connectedPair();
  activity.take();
  publishReads(first, 5000);
  publishReads(last, 5000);
  const ids = new Set(activity.take().marks.map(([id]) => id));
  expect(ids).toEqual(new Set([first.id, last.id]));
});

test('shows no more connections than its limit, and counts those that it does not', () => {
  const activity = startedActivity({ connections: 3 });
  const pairs = [connectedPair(), connectedPair(), connectedPair()];
  expect(activity.snapshot().rows).toHaveLength(3);
  expect(activity.snapshot().hidden).toBe(3);
  const [left] = pairs[0]!;
  left.close();
  activity.take();
  const [later] = pairs[2]!;
  publishReads(later, 1); // it takes the place of the one that has closed
  const { gone, hidden, rows } = activity.take();
  expect({ gone, hidden }).toEqual({ gone: [left.id], hidden: 2 });
  expect(rows).toMatchObject([{ id: later.id, unsavable: 'its beginning was not seen' }]);
});

test('of those that have closed, the one that closed first makes room first', () => {
  const activity = startedActivity({ connections: 4 });
  const [[first, second], [third]] = [connectedPair(), connectedPair()];
  for (const each of [third, first, second]) each.close();
  connectedPair();
  expect(activity.take().gone).toEqual([third.id, first.id]);
});

test('a hidden connection that closes is hidden no longer', () => {
  const activity = startedActivity({ connections: 1 });
  const [, right] = connectedPair();
  expect(activity.snapshot().hidden).toBe(1);
  right.close();
  expect(activity.snapshot()).toMatchObject({ hidden: 0, totals: { closed: 1 } });
});

test('keeps the bytes of a connection up to a limit, and then says that it cannot be saved', () => {
  const activity = startedActivity({ bytesPerConnection: 4 });
  const [left] = connectedPair();
  publishReads(left, 4);
  expect(activity.connection(left.id)!.row.unsavable).toBeNull();
  publishReads(left, 1);
  const shown = activity.connection(left.id)!;
  expect(shown.row.unsavable).toBe('it has more bytes than are kept');
  expect(shown.session.entries).toHaveLength(4);
});

test('copies the bytes: a program may overwrite what it has written', () => {
  const activity = startedActivity();
  const [left] = connectedPair();
  const bytes = Buffer.from('mine');
  left.write(bytes);
  bytes.fill(0);
  const [entry] = activity.connection(left.id)!.session.entries;
  expect(entry).toMatchObject({ direction: 'out', bytes: Buffer.from('mine') });
});

test('a connection that was open before is shown from its first event on', () => {
  const [socket, far] = socketPair();
  const connection = fromSocket(socket);
  const activity = startedActivity();
  expect(activity.snapshot().rows).toEqual([]);
  connection.write('x');
  expect(activity.snapshot().rows).toMatchObject([
    { id: connection.id, unsavable: 'its beginning was not seen' },
  ]);
  connection.close();
  far.close();
});
