import { Queue } from '../../src/reactive/Queue';
import { elementMoves } from '../support/elementMoves';
import { sequence } from '../support/strange';

test('gives back what was put in, in order, whatever the turns', () => {
  const queue = new Queue<number>();
  const model: number[] = [];
  const next = sequence(7);
  for (let i = 0; i < 20_000; i++) {
    // In stretches, so that it grows to some hundreds of items and becomes empty again.
    const isGrowing = Math.floor(i / 500) % 2 === 0;
    if (next(10) < (isGrowing ? 9 : 1)) {
      queue.push(i);
      model.push(i);
    } else {
      expect(queue.shift()).toBe(model.shift());
    }
    expect([queue.length, queue.first, queue.last]).toEqual([model.length, model[0], model.at(-1)]);
  }
  expect(queue.takeAll()).toEqual(model);
  expect([queue.length, queue.shift(), queue.first, queue.last]).toEqual([
    0,
    undefined,
    undefined,
    undefined,
  ]);
});

test('moves each item once at most, while it is emptied', () => {
  const count = 20_000;
  const queue = new Queue<number>();
  for (let i = 0; i < count; i++) queue.push(i);
  const moves = elementMoves(() => {
    while (queue.length > 0) queue.shift();
  });
  expect(moves).toBeLessThan(4 * count);
});
