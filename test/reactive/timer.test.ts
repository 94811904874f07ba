import { asyncScheduler, VirtualTimeScheduler } from 'rxjs';
import { after } from '../../src/reactive/timer';

const MOST_OF_JAVASCRIPT = 2 ** 31 - 1;

let scheduler: VirtualTimeScheduler;
let doneAt: number[];
const note = () => doneAt.push(scheduler.now());
beforeEach(() => {
  scheduler = new VirtualTimeScheduler();
  doneAt = [];
});

test.each([0, 1, 0.5, 5000, MOST_OF_JAVASCRIPT])('does its work after %d ms, once', (delay) => {
  after(scheduler, delay, note);
  scheduler.flush();
  expect(doneAt).toEqual([delay]);
});

test.each([MOST_OF_JAVASCRIPT + 1, 2 * MOST_OF_JAVASCRIPT, 2 ** 40])(
  'does its work after %d ms, in steps that timers can take',
  (delay) => {
    const steps: number[] = [];
    const original = scheduler.schedule.bind(scheduler);
    jest.spyOn(scheduler, 'schedule').mockImplementation((work, step) => {
      steps.push(step!);
      return original(work, step);
    });
    after(scheduler, delay, note);
    scheduler.flush();
    expect(doneAt).toEqual([delay]);
    expect(Math.max(...steps)).toBeLessThanOrEqual(MOST_OF_JAVASCRIPT);
    expect(steps.reduce((sum, step) => sum + step, 0)).toBe(delay);
  },
);

test('never does it after Infinity', () => {
  after(scheduler, Infinity, note);
  expect(scheduler.actions.length).toBe(0);
});

test.each([0, 10, 3 * MOST_OF_JAVASCRIPT])('is called off, of %d ms', (delay) => {
  const timer = after(scheduler, delay, note);
  timer.unsubscribe();
  scheduler.flush();
  expect(doneAt).toEqual([]);
});

test('is called off between two steps', () => {
  const timer = after(scheduler, 3 * MOST_OF_JAVASCRIPT, note);
  scheduler.maxFrames = 1.5 * MOST_OF_JAVASCRIPT;
  scheduler.flush();
  timer.unsubscribe();
  expect(scheduler.actions.length).toBe(0);
});

test.each([
  { keepsAlive: false, what: 'does not keep the process alive' },
  { keepsAlive: true, what: 'keeps it alive if it is to' },
])('$what', ({ keepsAlive }) => {
  const set = jest.spyOn(global, 'setInterval');
  try {
    const timer = after(asyncScheduler, 1e6, note, keepsAlive);
    const [made] = set.mock.results;
    expect((made!.value as NodeJS.Timeout).hasRef()).toBe(keepsAlive);
    timer.unsubscribe();
  } finally {
    set.mockRestore();
  }
});
