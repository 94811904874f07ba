import { type Holdable, Holds } from '../../src/reactive/pacing/Holds';

/** Counts how often it is held. */
class Counted implements Holdable {
  count = 0;

  constructor(readonly onRelease: () => void = () => undefined) {}

  hold(): void {
    this.count++;
  }

  release(): void {
    this.count--;
    this.onRelease();
  }
}

test('each reading is held once, however often it is asked for', () => {
  const holds = new Holds();
  const [one, other] = [new Counted(), new Counted()];
  holds.hold(one);
  holds.hold(one);
  holds.hold(other);
  expect([one.count, other.count]).toEqual([1, 1]);
  holds.release(one);
  holds.release(one);
  expect([one.count, other.count]).toEqual([0, 1]);
  holds.releaseAll();
  holds.releaseAll();
  expect([one.count, other.count]).toEqual([0, 0]);
});

test('a reading can be held again for what it delivers while it is released', () => {
  const holds = new Holds();
  const reading: Counted = new Counted(() => {
    if (reading.count === 0) holds.hold(reading);
  });
  holds.hold(reading);
  holds.releaseAll();
  expect(reading.count).toBe(1);
  holds.release(reading);
  expect(reading.count).toBe(1);
});
