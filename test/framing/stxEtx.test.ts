import { stxEtx } from 'bipoll/framing';

test('a frame stands between STX and ETX', () => {
  expect(stxEtx().encode(Buffer.from('12.5 kg')).toString()).toBe('\x0212.5 kg\x03');
});

test.each(['a\x02', '\x03'])('a frame that contains one of them is refused: %j', (frame) => {
  expect(() => stxEtx().encode(Buffer.from(frame))).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
  );
});
