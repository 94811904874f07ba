import { bytesText, rateText } from '../../src/inspect/page/amounts';
import { hexOf, textOf } from '../../src/inspect/page/chunkText';
import { figuresOf, noticeOf } from '../../src/inspect/page/figures';
import { matches, Model, stateOf } from '../../src/inspect/page/Model';
import { REACH, TimeLine } from '../../src/inspect/page/TimeLine';
import { PAGE } from '../../src/inspect/page';
import type { Batch, Mark, Row } from '../../src/inspect/wire';

const row: Row = {
  ...{ id: 7, name: '127.0.0.1:7000 ↔ 127.0.0.1:51000', isOpen: true, isHeld: false },
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
  expect(stateOf({ ...row, isHeld: true })).toBe('open held');
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
