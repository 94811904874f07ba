import { asapScheduler } from 'rxjs';
import { Clock } from '../../src/testing/Clock';

/** What a clock with a step of 100 ms makes of events that come so many milliseconds after each other. */
function framesOf(...gaps: number[]): number[] {
  let time = 1000;
  const clock = new Clock(Object.create(asapScheduler, { now: { value: () => time } }), 100);
  return gaps.map((gap) => {
    time += gap;
    return clock.now();
  });
}

test('an event is as many steps after the last as have passed', () => {
  expect(framesOf(0, 300, 374)).toEqual([0, 300, 600]);
});

test('up to a quarter of a step early counts as punctual', () => {
  expect(framesOf(0, 275, 374)).toEqual([0, 300, 600]);
  expect(framesOf(0, 275, 375)).toEqual([0, 300, 700]);
  expect(framesOf(0, 274)).toEqual([0, 200]);
});

test('a clock of the system that was set back stands still until it has caught up', () => {
  expect(framesOf(200, -150, 250)).toEqual([200, 200, 300]);
});
