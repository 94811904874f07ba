import { type Decoder, lengthPrefixed, lines, ndjson } from 'bipoll/framing';
import { FrameFeed } from '../../src/inspect/frames/FrameFeed';
import { LIMITS, type Limits } from '../../src/inspect/limits';
import type { FrameBatch, FrameItem, ShownFrame } from '../../src/inspect/wire';

const feedOf = (decoder: Decoder<unknown>, limits: Partial<Limits> = {}) =>
  new FrameFeed(decoder, { ...LIMITS, ...limits });

/** Frames and notes in short: `in 1 (4): one`. */
function told({ items }: FrameBatch): string[] {
  return items.map((item: FrameItem) => {
    if ('note' in item) return `${item.direction ?? 'both'}: ${item.note}`;
    const { direction, index, bytes, content } = item;
    const shown = 'text' in content ? content.text : atob(content.base64);
    return `${direction} ${index} (${bytes}): ${shown}`;
  });
}

test('decodes each direction by itself, wherever the chunks are cut', () => {
  const feed = feedOf(lines());
  feed.chunk(10, 'in', Buffer.from('one\ntw'));
  feed.chunk(11, 'out', Buffer.from('1\r\n'));
  feed.chunk(12, 'in', Buffer.from('o\nthr'));
  const batch = feed.take();
  expect(told(batch)).toEqual(['in 1 (4): one', 'out 1 (3): 1', 'in 2 (4): two']);
  expect(batch.items.map(({ time }) => time)).toEqual([10, 11, 12]);
  expect(batch).toMatchObject({
    counts: { in: 2, out: 1 },
    restBytes: { in: 3, out: 0 },
    leftOut: 0,
  });
  expect(feed.hasNews).toBe(false);
});

test('frames are bytes, text, or values as JavaScript writes them', () => {
  const feed = feedOf(ndjson());
  feed.chunk(0, 'in', Buffer.from('{"a":[1,null],"b":"long"}\n\n"text"\n'));
  expect(told(feed.take())).toEqual(["in 1 (26): { a: [ 1, null ], b: 'long' }", 'in 2 (8): text']);
  const bytes = feedOf(lengthPrefixed({ prefix: 'uint8' }));
  bytes.chunk(0, 'in', Buffer.from('\x02hi'));
  expect(bytes.take().items).toMatchObject([{ content: { base64: btoa('hi') }, isCut: false }]);
});

test('does not change with the memory that a chunk was lent from', () => {
  const feed = feedOf(lengthPrefixed({ prefix: 'uint8' }));
  const chunk = Buffer.from('\x02hi\x03b');
  feed.chunk(0, 'in', chunk);
  chunk.fill(0);
  feed.chunk(0, 'in', Buffer.from('ye'));
  expect(told(feed.take())).toEqual(['in 1 (3): hi', 'in 2 (4): bye']);
});

test('an error is told with its code, and ends decoding of its direction alone', () => {
  const feed = feedOf(ndjson());
  feed.chunk(1, 'in', Buffer.from('1\nno\n2\n'));
  feed.chunk(2, 'in', Buffer.from('3\n'));
  feed.chunk(3, 'out', Buffer.from('4\n'));
  const batch = feed.take();
  expect(told(batch)).toEqual([
    'in 1 (2): 1',
    'in: ERR_FRAME_MALFORMED: A line of 3 bytes is not JSON; decoding stops here',
    'out 1 (2): 4',
  ]);
  expect(batch.items[1]).toMatchObject({ isError: true });
  expect(batch.restBytes).toEqual({ in: 0, out: 0 });
});

test('a frame beyond the codec’s limit is an error before it is all in memory', () => {
  const feed = feedOf(lines({ maxBytes: 8 }));
  feed.chunk(0, 'in', Buffer.alloc(20, 'x'));
  const batch = feed.take();
  expect(told(batch)).toEqual([expect.stringContaining('in: ERR_FRAME_TOO_LARGE')]);
  expect(batch.restBytes.in).toBe(0);
});

test.each([
  ['an error', new Error('a mistake'), 'a mistake; decoding stops here'],
  ['what is no error', 7, 'the codec threw what is no error; decoding stops here'],
])('a codec that throws %s harms nobody', (_, thrown, note) => {
  const decoder: Decoder<unknown> = {
    maxEncodedBytes: 10,
    decode() {
      throw thrown as Error;
    },
    decodeEnd: () => null,
  };
  const feed = feedOf(decoder);
  feed.chunk(0, 'out', Buffer.from('x'));
  expect(told(feed.take())).toEqual([`out: ${note}`]);
});

test('a value that cannot be shown is told to be one', () => {
  const value = {
    [Symbol.for('nodejs.util.inspect.custom')]() {
      throw new Error('never shown');
    },
  };
  const decoder: Decoder<unknown> = {
    maxEncodedBytes: 1,
    decode: () => ({ frame: value, length: 1 }),
    decodeEnd: () => null,
  };
  const feed = feedOf(decoder);
  feed.chunk(0, 'in', Buffer.from('x'));
  expect(told(feed.take())).toEqual(['in 1 (1): a value that cannot be shown']);
});

test('the end makes a last frame, or an error of what is left of one', () => {
  const feed = feedOf(lengthPrefixed({ prefix: 'uint8' }));
  feed.chunk(0, 'in', Buffer.from('\x05he'));
  feed.end(1, 'in', '|');
  feed.end(2, 'out', '|');
  expect(told(feed.take())).toEqual([
    expect.stringContaining('in: ERR_FRAME_TRUNCATED'),
    'in: the end',
    'out: the end',
  ]);
  const unterminated = feedOf(lines());
  unterminated.chunk(0, 'in', Buffer.from('last'));
  unterminated.end(1, 'in', '|');
  expect(told(unterminated.take())).toEqual(['in 1 (4): last', 'in: the end']);
});

test('a reset is no error of the codec', () => {
  const feed = feedOf(lengthPrefixed());
  feed.chunk(0, 'in', Buffer.from('\x05he'));
  feed.end(1, 'in', '#');
  expect(told(feed.take())).toEqual(['in: broken off']);
});

test('where bytes are missing, it says so and decodes what comes next as a beginning', () => {
  const feed = feedOf(lines());
  feed.chunk(0, 'in', Buffer.from('half of a li'));
  feed.end(1, 'out', '|');
  feed.miss(2, 'unkept');
  feed.chunk(3, 'in', Buffer.from('ne\n'));
  expect(told(feed.take())).toEqual([
    'out: the end',
    expect.stringMatching(/^both: .*not kept.*perhaps within a frame/),
    'in 1 (3): ne',
  ]);
});

test('frames beyond the limits are counted and left out, and long ones are cut', () => {
  const text = (count: number) => Buffer.from('x\n'.repeat(count));
  const slow = feedOf(lines(), { framesPerSecond: 20 });
  slow.chunk(0, 'in', text(50));
  slow.chunk(100, 'in', text(50));
  const sampled = slow.take();
  expect(sampled).toMatchObject({ counts: { in: 100 }, leftOut: 96 });
  expect(sampled.items.map((item) => (item as ShownFrame).index)).toEqual([1, 2, 51, 52]);

  const full = feedOf(lines(), { framesPerBatch: 3 });
  full.chunk(0, 'in', text(5));
  expect(full.take()).toMatchObject({ items: { length: 3 }, leftOut: 2 });
  full.chunk(0, 'in', text(1));
  expect(full.take()).toMatchObject({ items: { length: 1 }, leftOut: 0 });

  const short = feedOf(lines(), { shownPerFrame: 3 });
  short.chunk(0, 'in', Buffer.from('four\nsix\n'));
  expect(short.take().items).toMatchObject([
    { content: { text: 'fou' }, bytes: 5, isCut: true },
    { content: { text: 'six' }, bytes: 4, isCut: false },
  ]);
});
