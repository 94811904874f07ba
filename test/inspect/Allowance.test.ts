import { Allowance } from '../../src/inspect/Allowance';

test('gives no more than its share in each tenth of a second, and again in the next', () => {
  const allowance = new Allowance(30);
  const taken = (time: number) => Array.from({ length: 5 }, () => allowance.take(time));
  expect(taken(1000)).toEqual([true, true, true, false, false]);
  expect(taken(1099)).toEqual([false, false, false, false, false]);
  expect(taken(1100)).toEqual([true, true, true, false, false]);
});
