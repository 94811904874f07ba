import { VirtualTimeScheduler } from 'rxjs';
import { IdleTimer } from '../../../src/reactive/connection/IdleTimer';

const TIMEOUT = 100;

let scheduler: VirtualTimeScheduler;
let isPaused: boolean;
let idleAt: number[];
let timer: IdleTimer;
beforeEach(() => {
  scheduler = new VirtualTimeScheduler();
  isPaused = false;
  idleAt = [];
  timer = new IdleTimer(
    scheduler,
    TIMEOUT,
    () => isPaused,
    () => idleAt.push(scheduler.now()),
  );
});

function at(time: number, happen: () => void): void {
  scheduler.schedule(happen, time);
}

const touch = () => {
  timer.touch();
};

test('tells once when it was never touched', () => {
  scheduler.flush();
  expect(idleAt).toEqual([TIMEOUT]);
});

test('tells so long after the last touch', () => {
  for (const time of [30, 99, 130]) at(time, touch);
  scheduler.flush();
  expect(idleAt).toEqual([130 + TIMEOUT]);
});

test('counts a touch at the moment at which it looks', () => {
  at(TIMEOUT - 1, touch);
  scheduler.flush();
  expect(idleAt).toEqual([2 * TIMEOUT - 1]);
});

test('sets one timer, however often it is touched', () => {
  for (let i = 0; i < 1000; i++) touch();
  expect(scheduler.actions.length).toBe(1);
});

test('does not run while it is paused, and begins anew afterwards', () => {
  isPaused = true;
  at(3 * TIMEOUT + 40, () => (isPaused = false));
  scheduler.flush();
  expect(idleAt).toEqual([4 * TIMEOUT]); // from when it last looked and was paused
});

test('says nothing once it is stopped', () => {
  at(TIMEOUT - 1, () => {
    timer.stop();
  });
  scheduler.flush();
  expect(idleAt).toEqual([]);
  expect(scheduler.actions.length).toBe(0);
});

test('can be stopped after it has looked', () => {
  at(50, touch);
  at(TIMEOUT + 1, () => {
    timer.stop();
  });
  scheduler.flush();
  expect(idleAt).toEqual([]);
});
