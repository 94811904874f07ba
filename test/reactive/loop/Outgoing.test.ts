import { native } from '../../../src/core/native';
import { Outgoing } from '../../../src/reactive/loop/Outgoing';
import { PIECE_FIELDS } from '../../../src/reactive/loop/records';
import { Watch } from '../../../src/reactive/loop/Watch';

const PUMP = 5;
const CAPACITY = 64 * 1024;
const MOST_PIECES = 512;

interface Piece {
  readonly socket: number;
  readonly tag: number;
  readonly text: string;
}

let handed: Piece[][];
let refuses: (piece: Piece) => boolean;
let outgoing: Outgoing;

beforeEach(() => {
  handed = [];
  refuses = () => false;
  // The engine's side, which takes copies: nothing that comes later may change what it was given.
  jest.spyOn(native, 'stage').mockImplementation((pump, pieces, count, bytes) => {
    expect(pump).toBe(PUMP);
    const taken: Piece[] = [];
    let start = 0;
    let failed = 0;
    for (let i = 0; i < count * PIECE_FIELDS; i += PIECE_FIELDS) {
      const length = pieces[i + 2]!;
      const text = Buffer.from(bytes.subarray(start, start + length)).toString();
      const piece = { socket: pieces[i]!, tag: pieces[i + 1]!, text };
      start += length;
      taken.push(piece);
      if (!refuses(piece)) continue;
      pieces[i + 2] = -length;
      failed++;
    }
    handed.push(taken);
    return failed;
  });
  outgoing = new Outgoing(PUMP);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** Of a watch it takes no more than this. */
function watch(tag: number): Watch {
  return Object.assign(Object.create(Watch.prototype) as Watch, {
    ...{ tag, token: 100 + tag, stagedIn: -1 },
  });
}

test('hands pieces over in their order, each with its socket and tag', () => {
  const [a, b] = [watch(1), watch(2)];
  expect(outgoing.put(a, 'one')).toBe(3);
  expect(outgoing.put(b, Buffer.from('two!'))).toBe(4);
  expect(outgoing.put(a, 'three')).toBe(5);
  expect(outgoing.handOver()).toEqual([]);
  expect(handed).toEqual([
    [
      { socket: 101, tag: 1, text: 'one' },
      { socket: 102, tag: 2, text: 'two!' },
      { socket: 101, tag: 1, text: 'three' },
    ],
  ]);
});

test('makes one piece of what one socket is sent in a row', () => {
  const a = watch(1);
  for (const chunk of ['a', Buffer.from('b'), 'ç', '']) outgoing.put(a, chunk);
  outgoing.handOver();
  expect(handed).toEqual([[{ socket: 101, tag: 1, text: 'abç' }]]);
});

test('begins a new piece after it has handed over', () => {
  const a = watch(1);
  outgoing.put(a, 'before');
  outgoing.handOver();
  outgoing.put(a, 'behind');
  outgoing.handOver();
  expect(handed.map(([piece]) => piece!.text)).toEqual(['before', 'behind']);
});

test('calls nobody when there is nothing', () => {
  expect(outgoing.handOver()).toEqual([]);
  outgoing.put(watch(1), 'x');
  outgoing.handOver();
  outgoing.handOver();
  expect(handed).toHaveLength(1);
});

test('copies: the buffer is the caller’s again', () => {
  const bytes = Buffer.from('mine');
  outgoing.put(watch(1), bytes);
  bytes.fill('x');
  outgoing.handOver();
  expect(handed[0]![0]!.text).toBe('mine');
});

test('has room for bytes to the last one of its memory, and for no more', () => {
  const a = watch(1);
  outgoing.put(a, Buffer.alloc(CAPACITY - 10, 'a'));
  expect(outgoing.hasRoomFor(Buffer.alloc(10))).toBe(true);
  expect(outgoing.hasRoomFor(Buffer.alloc(11))).toBe(false);
  outgoing.put(a, Buffer.alloc(10, 'b'));
  outgoing.handOver();
  const { text } = handed[0]![0]!;
  expect(text).toHaveLength(CAPACITY);
  expect(text.slice(-12)).toBe('aabbbbbbbbbb');
  expect(outgoing.hasRoomFor(Buffer.alloc(CAPACITY))).toBe(true);
});

test.each([
  { name: 'one byte each', letter: 'a' },
  { name: 'two', letter: 'ç' },
  { name: 'three', letter: '€' },
  { name: 'four for two units', letter: '😀' },
])('cuts no string at the edge of its memory whose letters have $name', ({ letter }) => {
  const edge = 60;
  outgoing.put(watch(1), Buffer.alloc(CAPACITY - edge, '.'));
  for (let count = 0; ; count++) {
    const text = letter.repeat(count);
    if (!outgoing.hasRoomFor(text)) {
      expect(count).toBeGreaterThan(edge / (3 * letter.length) - 1);
      break;
    }
    const other = new Outgoing(PUMP);
    other.put(watch(1), Buffer.alloc(CAPACITY - edge, '.'));
    expect(other.put(watch(2), text)).toBe(Buffer.byteLength(text));
    other.handOver();
    if (count > 0) expect(handed.at(-1)![1]!.text).toBe(text);
  }
});

test(`has room for ${MOST_PIECES} pieces`, () => {
  const watches = [watch(1), watch(2)];
  for (let i = 0; i < MOST_PIECES; i++) {
    expect(outgoing.hasRoomFor('x')).toBe(true);
    outgoing.put(watches[i % 2]!, `${i % 10}`);
  }
  expect(outgoing.hasRoomFor('x')).toBe(false);
  outgoing.handOver();
  expect(handed[0]).toHaveLength(MOST_PIECES);
  expect(handed[0]!.map(({ text }) => Number(text))).toEqual(
    Array.from({ length: MOST_PIECES }, (_, i) => i % 10),
  );
  expect(outgoing.hasRoomFor('x')).toBe(true);
});

describe('may be sent as it is', () => {
  test('while no socket has two pieces, of which the second would overtake the rest of the first', () => {
    const [a, b] = [watch(1), watch(2)];
    outgoing.put(a, 'one');
    outgoing.put(a, 'two');
    outgoing.put(b, 'three');
    expect(outgoing.isInOrder).toBe(true);
    outgoing.put(a, 'four');
    expect(outgoing.isInOrder).toBe(false);
  });

  test('again after it was handed over', () => {
    const [a, b] = [watch(1), watch(2)];
    for (const each of [a, b, a]) outgoing.put(each, 'x');
    outgoing.handOver();
    expect(outgoing.isInOrder).toBe(true);
    for (const each of [a, b]) outgoing.put(each, 'y');
    expect(outgoing.isInOrder).toBe(true);
  });

  test('which hands all to the system at once, and says how many records tell of it', () => {
    const send = jest.spyOn(native, 'sendPieces').mockReturnValue(2);
    const records = new Float64Array(8);
    expect(outgoing.send(records)).toBe(0);
    expect(send).not.toHaveBeenCalled();
    outgoing.put(watch(1), 'one');
    outgoing.put(watch(2), 'two!');
    expect(outgoing.send(records)).toBe(2);
    const [[pump, pieces, count, bytes, out]] = send.mock.calls as [
      Parameters<typeof native.sendPieces>,
    ];
    expect([pump, count, out]).toEqual([PUMP, 2, records]);
    expect([...pieces.subarray(0, 6)]).toEqual([101, 1, 3, 102, 2, 4]);
    expect(Buffer.from(bytes.subarray(0, 7)).toString()).toBe('onetwo!');
    expect(outgoing.handOver()).toEqual([]);
    expect(handed).toEqual([]);
  });
});

test('says for whom there was no memory', () => {
  refuses = ({ tag }) => tag !== 2;
  for (const tag of [1, 2, 3]) outgoing.put(watch(tag), 'text');
  expect(outgoing.handOver()).toEqual([1, 3]);
});
