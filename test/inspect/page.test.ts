import { bytesText, rateText } from '../../src/inspect/page/amounts';
import { hexOf, textOf } from '../../src/inspect/page/chunkText';
import { FrameModel } from '../../src/inspect/page/FrameModel';
import { figuresOf, noticeOf } from '../../src/inspect/page/figures';
import { textOfChunk, textOfItem } from '../../src/inspect/page/itemText';
import { matches, Model, stateOf } from '../../src/inspect/page/Model';
import { REACH, TimeLine } from '../../src/inspect/page/TimeLine';
import { PAGE } from '../../src/inspect/page';
import type { Batch, FrameBatch, FrameNote, Mark, Row, ShownFrame } from '../../src/inspect/wire';

const row: Row = {
  ...{ id: 7, name: '127.0.0.1:7000 ↔ 127.0.0.1:51000', isOpen: true, heldAt: null },
  ...{ bytesRead: 0, bytesWritten: 0, queuedBytes: 0, error: null, unsavable: null },
};
const none = {
  ...{ opened: 0, closed: 0, failed: 0, refused: 0 },
  ...{ chunksIn: 0, chunksOut: 0, bytesIn: 0, bytesOut: 0 },
};
const empty = { rows: [], marks: [], gone: [], leftOut: 0, hidden: 0, totals: none };
const batch = (given: Partial<Batch> & { time: number }): Batch => ({ ...empty, ...given });

test('the page is one text below 40 KB that names no other place', () => {
  expect(Buffer.byteLength(PAGE)).toBeLessThan(40_000);
  expect(PAGE).not.toMatch(/https?:|src=|@import|url\(/);
});

describe('the time line', () => {
  test('follows the present until it is paused, and again when it goes on', () => {
    const line = new TimeLine();
    expect(line.end(5000)).toBe(5000);
    line.pause(5000);
    expect([line.isLive, line.end(9000)]).toEqual([false, 5000]);
    line.resume();
    expect([line.isLive, line.end(9000)]).toEqual([true, 9000]);
  });

  test('scrolls back as far as it reaches, and never beyond the present', () => {
    const line = new TimeLine();
    line.scroll(-1000, 5000);
    expect(line.end(5000)).toBe(4000);
    line.scroll(9000, 5000);
    expect(line.end(5000)).toBe(5000);
    line.scroll(-2 * REACH, 5000);
    expect(line.end(5000)).toBe(5000 - REACH);
    line.scrollTo(0, 6000);
    expect(line.isLive).toBe(true);
    line.scrollTo(2000, 6000);
    expect(line.end(7000)).toBe(4000);
  });

  test('has the present at the right edge, and its span before at the left', () => {
    const line = new TimeLine();
    line.span = 2000;
    expect([line.x(3000, 100, 3000), line.x(1000, 100, 3000)]).toEqual([100, 0]);
  });
});

describe('the model', () => {
  test('keeps rows and their marks, and forgets what is gone', () => {
    const model = new Model();
    const mark: Mark = [7, 10, 'in', 4, 0];
    model.apply(batch({ time: 20, rows: [row], marks: [mark, [8, 11, 'in', 4, 0]] }));
    expect([...model.lanes]).toEqual([[7, { row, marks: [mark] }]]);
    model.apply(batch({ time: 30, gone: [7] }));
    expect(model.lanes.size).toBe(0);
  });

  test('keeps a bounded number of marks, the latest', () => {
    const model = new Model();
    const marks = Array.from({ length: 5000 }, (_, time): Mark => [7, time, 'in', 1, 0]);
    model.apply(batch({ time: 1, rows: [row], marks }));
    const kept = model.lanes.get(7)!.marks;
    expect(kept.length).toBeLessThanOrEqual(1600);
    expect(kept.at(-1)).toEqual(marks.at(-1));
  });

  test('says rates, and that it is a sample when something is left out', () => {
    const model = new Model();
    model.apply(batch({ time: 1000 }));
    expect(noticeOf(model)).toBeNull();
    const totals = { ...none, opened: 3, bytesIn: 2000, chunksIn: 20 };
    model.apply(batch({ time: 2000, totals, leftOut: 50, hidden: 9 }));
    expect(model.rates).toMatchObject({ opened: 3, bytesIn: 2000, chunksIn: 20, leftOut: 50 });
    expect(figuresOf(model)).toContainEqual(['in', '2.0 kB, 2.0 kB/s, 20 chunks/s']);
    expect(noticeOf(model)).toBe(
      'This is a sample: 50 marks a second are left out of the time line, and 9 open connections are not among the 0 below. The figures count all.',
    );
  });
});

describe('frames', () => {
  const frame: ShownFrame = {
    ...{ time: 12, direction: 'in', index: 3, bytes: 5, isCut: false },
    content: { base64: btoa('hi\n') },
  };
  const failure: FrameNote = {
    ...{ time: 14, direction: 'out', isError: true },
    note: 'ERR_FRAME_MALFORMED: It is wrong; decoding stops here',
  };
  const gap: FrameNote = { time: 15, direction: null, note: 'Bytes are missing.', isError: false };
  const framesOf = (given: Partial<FrameBatch>): FrameBatch => ({
    ...{ items: [], counts: { in: 0, out: 0 }, restBytes: { in: 0, out: 0 }, leftOut: 0 },
    ...given,
  });

  test('are summed up: how many, what is left of one, and what has failed', () => {
    const model = new FrameModel();
    model.apply(framesOf({ counts: { in: 1, out: 2 }, restBytes: { in: 4, out: 0 } }));
    expect(model.summary).toBe('in: 1 frame, 4 B of the next; out: 2 frames');
    model.apply(framesOf({ items: [failure], counts: { in: 1, out: 2 }, leftOut: 7 }));
    expect(model.summary).toBe(
      'in: 1 frame; out: 2 frames, then an error; a sample: 7 frames are left out',
    );
    model.apply(framesOf({ items: [gap], counts: { in: 1, out: 2 } })); // decoding begins again
    expect(model.summary).toContain('out: 2 frames; a sample');
  });

  test('are kept up to a limit, the latest', () => {
    const model = new FrameModel();
    const items = Array.from({ length: 3000 }, (_, at) => ({ ...frame, index: at + 1, time: at }));
    model.apply(framesOf({ items }));
    expect(model.items).toEqual(items.slice(-1000));
    expect(model.start).toBe(0); // times are told from the first, kept or not
  });

  test('are marks in the place of chunks, and an error is a cross', () => {
    const model = new FrameModel();
    model.apply(framesOf({ items: [gap, failure, frame] }));
    const marks: Mark[] = [
      [7, 10, 'open', 0, 0],
      [7, 11, 'in', 99, 0],
      [7, 13, 'held', 4, 0],
    ];
    expect(model.laneOf({ row, marks }).marks).toEqual([
      [7, 10, 'open', 0, 0],
      [7, 12, 'in', 5, 0],
      [7, 13, 'held', 4, 0],
      [7, 14, 'ownReset', 0, 0],
    ]);
  });

  test('are listed with their time, number and size, as text or hex', () => {
    expect(textOfItem(frame, 10, false)).toBe('→ in  +2.0 ms, frame 3, 5 B\nhi\n');
    expect(textOfItem(frame, 10, true)).toContain('000000  68 69 0a');
    expect(textOfItem({ ...frame, isCut: true }, 10, false)).toMatch(/…$/);
    const text = { ...frame, content: { text: 'a\x1bb' } };
    expect(textOfItem(text, 10, true)).toBe('→ in  +2.0 ms, frame 3, 5 B\na\\x1bb');
    expect(textOfItem(failure, 10, false)).toBe(
      '← out +4.0 ms: ERR_FRAME_MALFORMED: It is wrong; decoding stops here',
    );
    expect(textOfItem(gap, 10, false)).toBe('Bytes are missing.');
  });

  test('chunks are listed so as well', () => {
    const chunk = { time: 12, direction: 'out', base64: btoa('hi') } as const;
    expect(textOfChunk(chunk, 10, false)).toBe('← out +2.0 ms, 2 B\nhi');
  });
});

test.each([
  ['', true],
  ['7000', true],
  ['#7', true],
  ['OPEN 127', true],
  ['held', false],
  ['failed', false],
])('the filter %j', (filter, isMatch) => {
  expect(matches(row, filter)).toBe(isMatch);
});

test('a state says whether it is held, or has failed', () => {
  expect(stateOf({ ...row, heldAt: 5 })).toBe('open held');
  expect(stateOf({ ...row, isOpen: false })).toBe('closed');
  expect(stateOf({ ...row, isOpen: false, error: 'read ECONNRESET' })).toBe('closed failed');
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1234, '1.2 kB'],
  [45_678_901, '46 MB'],
  [999_999, '1.0 MB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [0, '0'],
  [0.52, '0.5'],
  [3400.4, '3400'],
])('a rate of %d is %s', (rate, text) => {
  expect(rateText(rate)).toBe(text);
});

test('bytes are text, with escapes for what cannot be seen or would turn the text around', () => {
  expect(textOf(Buffer.from('grün\r\n\x1b[2J\u202e'))).toBe('grün\\r\n\\x1b[2J\\u{202e}');
  expect(textOf(Buffer.from([0x41, 0xff]))).toBe('A\\xff');
});

test('bytes are rows of hex', () => {
  expect(hexOf(Buffer.from('0123456789abcdef!'))).toBe(
    '000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef\n' +
      '000010  21                                               !',
  );
});
