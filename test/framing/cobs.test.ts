import { cobs } from 'bipoll/framing';

const count = (from: number, to: number): string =>
  Buffer.from(Array.from({ length: to - from + 1 }, (_, i) => from + i)).toString('hex');

describe('COBS', () => {
  // Those that the description of the method gives.
  test.each([
    ['', '0100'],
    ['00', '010100'],
    ['0000', '01010100'],
    ['00110000', '010211010100'],
    ['11220033', '031122023300'],
    ['11223344', '051122334400'],
    ['11000000', '021101010100'],
    [count(1, 254), `ff${count(1, 254)}00`],
    [`00${count(1, 254)}`, `01ff${count(1, 254)}00`],
    [count(1, 255), `ff${count(1, 254)}02ff00`],
    [`${count(2, 255)}00`, `ff${count(2, 255)}010100`],
    [`${count(3, 255)}0001`, `fe${count(3, 255)}020100`],
  ])('encodes %.20s', (frame, encoded) => {
    const codec = cobs();
    expect(codec.encode(Buffer.from(frame, 'hex')).toString('hex')).toBe(encoded);
    expect(codec.decode(Buffer.from(encoded, 'hex'), 0)).toEqual({
      frame: Buffer.from(frame, 'hex'),
      length: encoded.length / 2,
    });
  });

  test('skips zeros between frames', () => {
    expect(cobs().decode(Buffer.of(0, 1, 0), 0)).toEqual({ frame: undefined, length: 1 });
  });
});
