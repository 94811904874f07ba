import {
  Deframer,
  delimiter,
  lengthPrefixed,
  lines,
  netstrings,
  type Decoder,
} from 'bipoll/framing';

const text = (bytes: string): Buffer => Buffer.from(bytes);

/** `decoder`, counting the bytes that it was given and that were not yet seen. */
function counting<Frame>(decoder: Decoder<Frame>): Decoder<Frame> & { scanned: number } {
  return {
    ...decoder,
    scanned: 0,
    decode(bytes, seen) {
      this.scanned += bytes.length - seen;
      return decoder.decode(bytes, seen);
    },
  };
}

describe('Deframer', () => {
  test('gives frame after frame, and undefined while there is no whole one', () => {
    const deframer = new Deframer(lines());
    expect(deframer.take()).toBeUndefined();
    deframer.push(text('a\nb\nc'));

    expect(deframer.take()).toBe('a');
    expect(deframer.take()).toBe('b');
    expect(deframer.take()).toBeUndefined();
    expect(deframer.push(text('d\n')).take()).toBe('cd');
  });

  test('gives the last frame at the end only', () => {
    const deframer = new Deframer(lines()).push(text('a\nb'));

    expect([...deframer]).toEqual(['a']);
    expect([...deframer.end()]).toEqual(['b']);
    expect([...deframer]).toEqual([]);
  });

  test('gives all frames when the end comes before the first is taken', () => {
    const deframer = new Deframer(lines()).push(text('a\nb')).push(text('c\nd')).end();

    expect([...deframer]).toEqual(['a', 'bc', 'd']);
  });

  test('does not look at the bytes before a frame is taken', () => {
    const deframer = new Deframer(netstrings());

    expect(() => deframer.push(text('bad'))).not.toThrow();
    expect(() => deframer.take()).toThrow(expect.objectContaining({ code: 'ERR_FRAME_MALFORMED' }));
  });

  test('consumes only the frames that were taken', () => {
    const deframer = new Deframer(lines()).push(text('a\nHTTP/1.1 101\nbinary\n\0'));
    for (const line of deframer) {
      if (line.startsWith('HTTP')) {
        break;
      }
    }

    expect(deframer.restLength).toBe(8);
    expect(deframer.takeRest()).toEqual(text('binary\n\0'));
    expect(deframer.restLength).toBe(0);
    expect(deframer.takeRest()).toEqual(text(''));
  });

  test('has the rest from several chunks, and goes on with new bytes behind it', () => {
    const deframer = new Deframer(lines());
    expect([...deframer.push(text('a\nb'))]).toEqual(['a']);
    deframer.push(text('c')).push(text('d\ne\n'));

    expect(deframer.take()).toBe('bcd');
    expect(deframer.takeRest()).toEqual(text('e\n'));
    expect([...deframer.push(text('f\n'))]).toEqual(['f']);
  });

  test('gives frames in order when more is pushed while they are taken', () => {
    const deframer = new Deframer(lines()).push(text('1\n2\n3'));
    const taken: string[] = [];
    for (const line of deframer) {
      taken.push(line);
      if (taken.length < 20) {
        deframer.push(text(`-${taken.length}\n`));
      }
    }

    expect(taken).toEqual(['1', '2', '3-1', ...Array.from({ length: 18 }, (_, n) => `-${n + 2}`)]);
  });

  test('shares its decoder with other deframers', () => {
    const decoder = lengthPrefixed({ prefix: 'uint8' });
    const one = new Deframer(decoder);
    const two = new Deframer(decoder);
    one.push(text('\x03a'));
    two.push(text('\x02x'));
    expect([one.take(), two.take()]).toEqual([undefined, undefined]);

    expect(one.push(text('bc')).take()).toEqual(text('abc'));
    expect(two.push(text('y')).take()).toEqual(text('xy'));
  });

  test('gives the frames before a bad one, then the same error again and again', () => {
    const deframer = new Deframer(netstrings()).push(text('1:a,bad'));

    expect(deframer.take()).toEqual(text('a'));
    expect(() => deframer.take()).toThrow(expect.objectContaining({ code: 'ERR_FRAME_MALFORMED' }));
    expect(() => deframer.take()).toThrow(expect.objectContaining({ code: 'ERR_FRAME_MALFORMED' }));
    expect(deframer.takeRest()).toEqual(text('bad'));
  });

  test('reports a truncated frame again and again, and still has its bytes', () => {
    const deframer = new Deframer(netstrings()).push(text('3:ab')).end();

    expect(() => deframer.take()).toThrow(expect.objectContaining({ code: 'ERR_FRAME_TRUNCATED' }));
    expect(() => deframer.take()).toThrow(expect.objectContaining({ code: 'ERR_FRAME_TRUNCATED' }));
    expect(deframer.takeRest()).toEqual(text('3:ab'));
    expect(deframer.take()).toBeUndefined();
  });

  test('does not copy a whole frame out of its chunk', () => {
    const chunk = text('1:a,1:b,');
    const frames = [...new Deframer(netstrings()).push(chunk)];

    expect(frames.map(({ buffer }) => buffer)).toEqual([chunk.buffer, chunk.buffer]);
    expect(frames.map(({ byteOffset }) => byteOffset - chunk.byteOffset)).toEqual([2, 6]);
  });

  test('goes back to the chunk behind a frame that began in an earlier one', () => {
    const deframer = new Deframer(delimiter(';'));
    deframer.push(text('a')).take();
    const chunk = text('b;cd;');
    const [first, second] = deframer.push(chunk);

    expect(first).toEqual(text('ab'));
    expect(second).toEqual(text('cd'));
    expect(second?.byteOffset).toBe(chunk.byteOffset + 2);
  });

  test('does not need a chunk any more once there is no whole frame in it', () => {
    const deframer = new Deframer(delimiter(';'), { borrowed: true });
    const memory = text('ab;cd;ef');
    const frames = [...deframer.push(memory)];
    memory.fill('?');
    frames.push(...deframer.push(text(';')));

    expect(frames).toEqual([text('ab'), text('cd'), text('ef')]);
  });

  test('gives a rest that does not need the chunk any more', () => {
    const memory = text('ab;cd;ef');
    const deframer = new Deframer(delimiter(';'), { borrowed: true }).push(memory);
    const frame = deframer.take();
    const rest = deframer.takeRest();
    memory.fill('?');

    expect([frame, rest]).toEqual([text('ab'), text('cd;ef')]);
  });

  test('never writes again to memory that a frame is a view of', () => {
    const deframer = new Deframer(delimiter(';'));
    const frames: Buffer[] = [];
    const expected: string[] = [];
    for (let n = 0; n < 500; n++) {
      // Pushed before it is needed now and then, so that bytes gather behind frames not yet taken.
      deframer.push(text(`${n},`)).push(text(`${'x'.repeat(n % 70)};`));
      expected.push(`${n},${'x'.repeat(n % 70)}`);
      const frame = n % 3 > 0 ? deframer.take() : undefined;
      if (frame) {
        frames.push(frame);
      }
    }
    frames.push(...deframer);

    expect(frames.map(String)).toEqual(expected);
  });

  describe('with a frame of 1 MiB that comes byte by byte', () => {
    const length = 1024 * 1024;
    const byte = text('x');

    test.each<[string, Decoder<string | Buffer>, Buffer, Buffer]>([
      ['lines', lines(), text(''), text('\n')],
      ['a delimiter', delimiter('\r\n'), text(''), text('\r\n')],
      ['a length prefix', lengthPrefixed(), Buffer.of(0, 0x10, 0, 0), text('')],
      ['netstrings', netstrings(), text(`${length}:`), text(',')],
    ])('looks at every byte once: %s', (_, decoder, header, trailer) => {
      const counter = counting(decoder);
      const deframer = new Deframer(counter).push(header);
      for (let n = 0; n < length; n++) {
        deframer.push(byte).take();
      }

      deframer.push(trailer);
      // The length prefix has no trailer: its frame is taken already.
      expect(deframer.take()?.length ?? length).toBe(length);
      expect(counter.scanned).toBe(header.length + length + trailer.length);
    });

    test('searches every byte once', () => {
      const indexOf = jest.spyOn(Buffer.prototype, 'indexOf').mockReturnValue(-1);
      const decoder = lines();
      decoder.decode(Buffer.alloc(1000), 999);
      expect(indexOf).toHaveBeenCalledWith(0x0a, 999);
      indexOf.mockRestore();
    });

    test('asks for memory in proportion to the frame', () => {
      const allocUnsafe = jest.spyOn(Buffer, 'allocUnsafe');
      try {
        const deframer = new Deframer(lines());
        for (let n = 0; n < length; n++) {
          deframer.push(byte).take();
        }
        const allocated = allocUnsafe.mock.calls.reduce((sum, [size]) => sum + size, 0);

        expect(allocated).toBeLessThanOrEqual(4 * length);
      } finally {
        allocUnsafe.mockRestore();
      }
    });
  });

  describe('with a decoder of its user', () => {
    const never: Decoder<string> = {
      maxEncodedBytes: 8,
      decode: () => null,
      decodeEnd: () => null,
    };

    test('holds no more than a frame may have', () => {
      const deframer = new Deframer(never);

      expect(deframer.push(text('1234567')).take()).toBeUndefined();
      expect(() => deframer.push(text('8')).take()).toThrow(
        expect.objectContaining({ code: 'ERR_FRAME_TOO_LARGE' }),
      );
    });

    test('leaves what the decoder makes nothing of at the end', () => {
      const deframer = new Deframer(never).push(text('abc')).end();

      expect(deframer.take()).toBeUndefined();
      expect(deframer.takeRest()).toEqual(text('abc'));
    });

    test.each([0, -1, 4, NaN])('refuses a frame of %p of 3 bytes', (length) => {
      const decoder: Decoder<string> = { ...never, decode: () => ({ frame: '', length }) };

      expect(() => new Deframer(decoder).push(text('abc')).take()).toThrow(
        expect.objectContaining({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' }),
      );
    });
  });

  test('takes any Uint8Array', () => {
    const bytes = new Uint8Array([0, 0x61, 0x0a, 0]).subarray(1, 3);

    expect([...new Deframer(lines()).push(bytes)]).toEqual(['a']);
  });

  test.each(['a\n', [97, 10], null, new ArrayBuffer(2)])('refuses %p as a chunk', (chunk) => {
    expect(() => new Deframer(lines()).push(chunk as unknown as Buffer)).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_TYPE',
        message: expect.stringContaining('"chunk"') as string,
      }),
    );
  });

  test('refuses a chunk after the end', () => {
    expect(() => new Deframer(lines()).end().push(text('a'))).toThrow(
      expect.objectContaining({ code: 'ERR_STREAM_PUSH_AFTER_EOF' }),
    );
  });

  test.each([undefined, null, {}, lines])('refuses %p as a decoder', (decoder) => {
    expect(() => new Deframer(decoder as Decoder<string>)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });

  test('refuses a bad option', () => {
    expect(() => new Deframer(lines(), { borrowed: 1 as unknown as boolean })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });
});
