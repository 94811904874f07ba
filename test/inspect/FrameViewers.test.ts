import { VirtualTimeScheduler } from 'rxjs';
import { lines } from 'bipoll/framing';
import { Activity } from '../../src/inspect/Activity';
import { FrameViewers } from '../../src/inspect/frames/FrameViewers';
import type { FrameBatch } from '../../src/inspect/wire';
import { connectedPair } from './connections';
import { Page, pass } from './pages';

let activity: Activity;
let scheduler: VirtualTimeScheduler;
let viewers: FrameViewers;
beforeEach(() => {
  activity = new Activity();
  activity.start();
  scheduler = new VirtualTimeScheduler();
  viewers = new FrameViewers(activity, scheduler);
});
afterEach(() => {
  viewers.close();
  activity.stop();
});

test('sends the frames that were kept at once, and then what comes, ten times a second', () => {
  const [left] = connectedPair();
  left.write('one\ntwo\n');
  const page = new Page<FrameBatch>();
  viewers.add(page, activity.connection(left.id)!, lines());
  expect(page.batches).toMatchObject([{ counts: { in: 0, out: 2 }, items: { length: 2 } }]);
  pass(scheduler, 200);
  expect(page.batches).toHaveLength(1); // nothing has happened
  left.write('three\n');
  expect(page.batches).toHaveLength(1);
  pass(scheduler, 100);
  expect(page.batches[1]).toMatchObject({ counts: { out: 3 }, items: [{ index: 3 }] });
});

test('decodes nothing before somebody asks, and nothing when they have left', () => {
  const decoded: string[] = [];
  const decoder = {
    ...lines(),
    decode(bytes: Buffer) {
      decoded.push(bytes.toString());
      return { frame: 'x', length: bytes.length };
    },
  };
  const [left] = connectedPair();
  left.write('before');
  expect(decoded).toEqual([]);
  const leave = viewers.add(new Page<FrameBatch>(), activity.connection(left.id)!, decoder);
  left.write('meanwhile');
  leave();
  left.write('after');
  expect(decoded).toEqual(['before', 'meanwhile']);
});

test('a page that does not take what it is sent is sent nothing, and later the rest', () => {
  const [left] = connectedPair();
  const page = new Page<FrameBatch>();
  viewers.add(page, activity.connection(left.id)!, lines());
  page.writableNeedDrain = true;
  left.write('one\n');
  pass(scheduler, 300);
  expect(page.batches).toHaveLength(1);
  page.writableNeedDrain = false;
  pass(scheduler, 100);
  expect(page.batches[1]).toMatchObject({ counts: { out: 1 }, items: { length: 1 } });
});

test('a page is ended when its connection is shown no longer', () => {
  const [left] = connectedPair();
  const page = new Page<FrameBatch>();
  viewers.add(page, activity.connection(left.id)!, lines());
  pass(scheduler, 100);
  expect(page.isEnded).toBe(false);
  activity.stop(); // as when nobody shows the time line any more
  pass(scheduler, 100);
  expect(page.isEnded).toBe(true);
});

test('only so many may ask, and all are ended when the view is closed', () => {
  const [left] = connectedPair();
  const pages = Array.from({ length: 8 }, () => new Page<FrameBatch>());
  for (const page of pages) {
    expect(viewers.isFull).toBe(false);
    viewers.add(page, activity.connection(left.id)!, lines());
  }
  expect(viewers.isFull).toBe(true);
  viewers.close();
  expect(pages.every(({ isEnded }) => isEnded)).toBe(true);
});
