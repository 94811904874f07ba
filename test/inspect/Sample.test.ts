import { Sample } from '../../src/inspect/Sample';

/** Adds what comes within one tenth of a second. */
function addAll(sample: Sample<number>, time: number, count: number): void {
  for (let item = 0; item < count; item++) sample.add(time, item);
}

test('is all that comes, while there is room', () => {
  const sample = new Sample<number>(100);
  addAll(sample, 1000, 10);
  expect(sample.take()).toEqual({ items: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], leftOut: 0 });
  expect(sample.take()).toEqual({ items: [], leftOut: 0 });
});

test('has no more than its share of each tenth of a second, taken at once or in parts', () => {
  const sample = new Sample<number>(100);
  addAll(sample, 1000, 50);
  addAll(sample, 1100, 50);
  const { items, leftOut } = sample.take();
  expect({ kept: items.length, leftOut }).toEqual({ kept: 20, leftOut: 80 });
  addAll(sample, 1150, 5);
  expect(sample.take()).toEqual({ items: [], leftOut: 5 });
  addAll(sample, 1200, 4);
  expect(sample.take().items).toHaveLength(4);
  addAll(sample, 1250, 50);
  expect(sample.take()).toMatchObject({ items: { length: 6 }, leftOut: 44 });
});

test('has later ones as likely as earlier ones', () => {
  const sample = new Sample<number>(2000);
  addAll(sample, 1000, 10_000);
  const { items } = sample.take();
  expect(items).toHaveLength(200);
  expect(new Set(items).size).toBe(200);
  // Each half is expected to have 100 of them. That one has less than 40 happens about once in 10^17 times.
  const late = items.filter((item) => item >= 5000).length;
  expect(late).toBeGreaterThan(40);
  expect(late).toBeLessThan(160);
});
