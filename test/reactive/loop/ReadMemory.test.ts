import { randomBytes } from 'node:crypto';
import { LentMemory, ReadMemory } from '../../../src/reactive/loop/ReadMemory';
import { BYTES_PER_TURN } from '../../../src/reactive/loop/records';
import { sequence } from '../../support/strange';

interface Kept {
  readonly chunk: Buffer;
  readonly bytes: Buffer;
}

/** One batch: what the engine reads, chunk behind chunk, and what is handed out of it. */
function batch(memory: ReadMemory | LentMemory, lengths: readonly number[]): Kept[] {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  randomBytes(total).copy(memory.memory, memory.start);
  memory.begin(memory.start + total);
  let offset = memory.start;
  const kept = lengths.map((length) => {
    const bytes = Buffer.from(memory.memory.subarray(offset, offset + length));
    const chunk = memory.take(offset, length);
    offset += length;
    return { chunk, bytes };
  });
  memory.renew();
  return kept;
}

/** Lengths of any size, as one batch can have them. */
function someLengths(next: (limit: number) => number, room: number): number[] {
  const lengths: number[] = [];
  for (let left = room; left > 0 && lengths.length < 40;) {
    const most = [16, 600, 9000, BYTES_PER_TURN][next(4)]!;
    const length = Math.min(left, 1 + next(most));
    lengths.push(length);
    left -= length;
  }
  return lengths;
}

function expectUnchanged(all: readonly Kept[]): void {
  for (const { chunk, bytes } of all) expect(chunk.equals(bytes)).toBe(true);
}

describe.each([
  { name: 'memory of which chunks are given away', make: () => new ReadMemory() },
  {
    name: 'memory of which chunks are lent, for those who keep theirs',
    make: () => new LentMemory(),
  },
])('$name', ({ make }) => {
  test('chunks stay as they were, whatever comes later', () => {
    const next = sequence(7);
    const memory = make();
    const kept: Kept[] = [];
    for (let round = 0; round < 60; round++) {
      kept.push(...batch(memory, someLengths(next, memory.memory.length - memory.start)));
    }
    expectUnchanged(kept);
  });

  test('no two chunks overlap: to write to one changes no other', () => {
    const next = sequence(8);
    const memory = make();
    const kept: Kept[] = [];
    for (let round = 0; round < 10; round++) {
      kept.push(...batch(memory, someLengths(next, memory.memory.length - memory.start)));
    }
    for (const { chunk, bytes } of kept) {
      expect(chunk.equals(bytes)).toBe(true);
      chunk.fill(0xff);
      bytes.fill(0xff);
    }
    expectUnchanged(kept);
  });

  test('a batch has always room for what is read for one socket', () => {
    const next = sequence(9);
    const memory = make();
    for (let round = 0; round < 200; round++) {
      expect(memory.memory.length - memory.start).toBeGreaterThanOrEqual(BYTES_PER_TURN);
      batch(memory, [1 + next(BYTES_PER_TURN)]);
    }
  });
});

describe('memory of which chunks are given away', () => {
  test('is used again while chunks are small', () => {
    const memory = new ReadMemory();
    const { memory: block } = memory;
    for (let round = 0; round < 100; round++) batch(memory, [10, 2000, 20_000]);
    expect(memory.memory).toBe(block);
    expect(memory.start).toBe(0);
  });

  test('small chunks of a batch share copies, as large as the pool of Buffers at most', () => {
    const kept = batch(new ReadMemory(), Array<number>(1000).fill(100));
    const copies = new Set(kept.map(({ chunk }) => chunk.buffer));
    expect(copies.size).toBeLessThan(kept.length / 50);
    for (const { byteLength } of copies) expect(byteLength).toBeLessThanOrEqual(Buffer.poolSize);
  });

  test('a small chunk keeps nothing of the large memory alive', () => {
    const memory = new ReadMemory();
    const [{ chunk }] = batch(memory, [100]) as [Kept];
    expect(chunk.buffer).not.toBe(memory.memory.buffer);
  });

  test('a large chunk is no copy', () => {
    const memory = new ReadMemory();
    const { buffer } = memory.memory;
    const [{ chunk }] = batch(memory, [40_000]) as [Kept];
    expect(chunk.buffer).toBe(buffer);
  });
});

describe('memory of which chunks are lent', () => {
  test('what was lent is empty after the batch, and the memory is used again', () => {
    const memory = new LentMemory();
    memory.memory.write('first');
    const lent = memory.lend(0, 5);
    expect(lent.toString()).toBe('first');
    memory.renew();
    expect(lent).toHaveLength(0);
    expect(memory.memory).toHaveLength(1024 * 1024);
    memory.memory.write('again');
    expect(memory.lend(0, 5).toString()).toBe('again');
    expect(lent).toHaveLength(0);
  });

  test('stays where it is after a batch of which nothing was lent', () => {
    const memory = new LentMemory();
    const { buffer } = memory.memory;
    batch(memory, [100, 50_000]);
    expect(memory.memory.buffer).toBe(buffer);
  });
});
