import { slip } from 'bipoll/framing';
import { deframe } from './deframe';

describe('SLIP', () => {
  test('escapes END and ESC, and ends a frame with END', () => {
    expect(
      slip()
        .encode(Buffer.of(1, 0xc0, 2, 0xdb, 3))
        .toString('hex'),
    ).toBe('01dbdc02dbdd03c0');
  });

  test('skips what is between two ENDs, as senders that put one before each frame', () => {
    const stream = Buffer.from('c0c001c0c002c0', 'hex');
    expect(deframe(slip(), [stream])).toEqual({
      frames: [Buffer.of(1), Buffer.of(2)],
      error: null,
    });
  });

  test('cannot send an empty frame, which would be skipped', () => {
    expect(() => slip().encode(Buffer.of())).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
    );
  });

  test('counts the bytes of a frame without its escapes', () => {
    const codec = slip({ maxBytes: 2 });
    expect(codec.decode(codec.encode(Buffer.of(0xc0, 0xdb)), 0)?.frame).toEqual(
      Buffer.of(0xc0, 0xdb),
    );
  });
});
