import { VirtualTimeScheduler } from 'rxjs';
import { Activity } from '../../src/inspect/Activity';
import { Viewers } from '../../src/inspect/Viewers';
import type { Batch } from '../../src/inspect/wire';
import { channels } from '../../src/reactive/connection/channels';
import { connectedPair, publishReads } from './connections';
import { Page, pass } from './pages';

let viewers: Viewers;
let scheduler: VirtualTimeScheduler;
beforeEach(() => {
  scheduler = new VirtualTimeScheduler();
  viewers = new Viewers(new Activity(), scheduler);
});
afterEach(() => {
  viewers.close();
});

test('the channels have a subscriber only while somebody looks', () => {
  const leave = [viewers.add(new Page<Batch>()), viewers.add(new Page<Batch>())];
  expect(channels.read.hasSubscribers).toBe(true);
  leave[0]!();
  expect(channels.read.hasSubscribers).toBe(true);
  leave[1]!();
  expect(channels.read.hasSubscribers).toBe(false);
});

test('sends what is shown at once, and then what happens, ten times a second', () => {
  const first = new Page<Batch>();
  viewers.add(first);
  const [left] = connectedPair();
  pass(scheduler, 100);
  expect(first.batches.map(({ rows }) => rows.length)).toEqual([0, 2]);
  const second = new Page<Batch>();
  viewers.add(second);
  expect(second.batches.map(({ rows }) => rows.length)).toEqual([2]);
  publishReads(left, 1);
  pass(scheduler, 100);
  for (const { batches } of [first, second]) {
    expect(batches.at(-1)!.marks).toMatchObject([[left.id, expect.any(Number), 'in', 1, 0]]);
  }
  pass(scheduler, 800);
  expect(first.batches).toHaveLength(11);
});

test('a page that does not take what it is sent is sent nothing, and later how much it missed', () => {
  const page = new Page<Batch>();
  viewers.add(page);
  const [left, right] = connectedPair();
  pass(scheduler, 100);
  page.writableNeedDrain = true;
  publishReads(left, 3);
  pass(scheduler, 300);
  expect(page.batches).toHaveLength(2);
  page.writableNeedDrain = false;
  pass(scheduler, 100);
  expect(page.batches).toHaveLength(3);
  const { leftOut, rows } = page.batches[2]!;
  expect(leftOut).toBe(3);
  expect(rows.map(({ id }) => id)).toEqual([left.id, right.id]);
});

test('only so many may look', () => {
  for (let i = 0; i < 16; i++) {
    expect(viewers.isFull).toBe(false);
    viewers.add(new Page<Batch>());
  }
  expect(viewers.isFull).toBe(true);
});

test('closing ends all pages', () => {
  const page = new Page<Batch>();
  viewers.add(page);
  viewers.close();
  expect(page.isEnded).toBe(true);
  expect(channels.read.hasSubscribers).toBe(false);
});
