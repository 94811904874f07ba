import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { adopt, type Descriptor } from 'bipoll';
import { type EventLoop, fromDescriptor } from 'bipoll/reactive';
import { toAsyncIterable, toDuplex } from 'bipoll/streams';
import { readExactly, readLine, writeAll } from 'bipoll/sync';
import { loops } from '../support/loops';
import { PATIENCE } from '../support/patience';
import { pipe } from '../support/pipe';
import { hasTerminals, NO_TERMINALS, openTerminal } from '../support/terminal';
import { describeWhere, isWindows, testWhere } from '../support/where';
import { received } from './received';

const SOON = { timeout: PATIENCE };

describeWhere(!isWindows, 'there are no descriptors on Windows')('a stream', () => {
  describe.each(loops)('on $name', ({ open }) => {
    let loop: EventLoop;
    let reader: Descriptor;
    let writer: Descriptor;
    beforeEach(() => {
      loop = open();
      [reader, writer] = pipe().map((fd) => adopt(fd, 'descriptor')) as [Descriptor, Descriptor];
    });
    afterEach(() => {
      reader.close();
      writer.close();
      loop.close();
    });

    test('over both ends of a pipe carries much, and ends it', async () => {
      const bytes = randomBytes(1_000_000);
      const source = toDuplex(fromDescriptor(reader, { loop }));
      const sink = toDuplex(fromDescriptor(writer, { loop }));
      const got = received(source);
      await pipeline(Readable.from([bytes]), sink);
      expect((await got).equals(bytes)).toBe(true);
      expect(writer.closed).toBe(true);
      await finished(source);
      expect(reader.closed).toBe(true);
    });

    test('over what was opened for reading fails to write', async () => {
      const stream = toDuplex(fromDescriptor(reader, { loop }));
      const failed = once(stream, 'error');
      stream.write('x');
      expect(await failed).toEqual([expect.objectContaining({ code: 'EBADF', syscall: 'write' })]);
    });

    test('over what was opened for writing fails when nobody reads', async () => {
      const stream = toDuplex(fromDescriptor(writer, { loop }));
      const failed = once(stream, 'error');
      reader.close();
      stream.write('x');
      expect(await failed).toEqual([expect.objectContaining({ code: 'EPIPE' })]);
    });

    test('as an iterable ends with the pipe', async () => {
      writeAll(writer, 'all of it', SOON);
      writer.close();
      const chunks: Buffer[] = [];
      for await (const chunk of toAsyncIterable(fromDescriptor(reader, { loop }))) {
        chunks.push(chunk);
      }
      expect(String(Buffer.concat(chunks))).toBe('all of it');
    });

    testWhere(hasTerminals, NO_TERMINALS)('over a terminal reads and writes', async () => {
      const [master, terminal] = openTerminal('raw');
      const stream = toDuplex(fromDescriptor(terminal, { loop }));
      const came = once(stream, 'data');
      writeAll(master, 'x', SOON);
      expect(String(await came)).toBe('x');
      stream.write('y');
      await new Promise((resolve) => stream.write('z\n', resolve));
      expect(String(readExactly(master, 1, SOON))).toBe('y');
      expect(readLine(master, SOON)).toBe('z');
      const closed = once(stream, 'close');
      master.close();
      await closed;
      expect(terminal.closed).toBe(true);
    });
  });
});
