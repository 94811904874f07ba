import { HexDump } from '../../src/cli/shown/hexDump';
import { jsonBytes } from '../../src/cli/shown/json';

test('a hex dump has sixteen bytes a line, and counts on from chunk to chunk', () => {
  const dump = new HexDump('<');
  expect(dump.dump(Buffer.from('0123456789abcdef~\n'))).toBe(
    '< 00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|\n' +
      '< 00000010  7e 0a                                             |~.|\n',
  );
  expect(dump.dump(Buffer.from([0xff, 0x00]))).toBe(
    '< 00000012  ff 00                                             |..|\n',
  );
});

test('in JSON, bytes are text where they are UTF-8, else base64', () => {
  expect(jsonBytes(Buffer.from('\ufeffgrün'))).toEqual({ text: '\ufeffgrün' });
  expect(jsonBytes(Buffer.from([0xff, 0x00]))).toEqual({ base64: '/wA=' });
});
