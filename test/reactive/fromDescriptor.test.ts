import { randomBytes } from 'node:crypto';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { adopt, type Descriptor, SocketClosedError, socketPair } from 'bipoll';
import { lines } from 'bipoll/framing';
import { decode, type EventLoop, fromDescriptor } from 'bipoll/reactive';
import { poll, readExactly, readLine, readSome, writeAll } from 'bipoll/sync';
import { type DescriptorPair, descriptorPairs } from '../support/descriptorPairs';
import { freshFile } from '../support/freshPath';
import { loops } from '../support/loops';
import { bytesOf, slices } from '../support/Pair';
import { PATIENCE } from '../support/patience';
import { settled } from '../support/settled';
import { hasTerminals, NO_TERMINALS, openTerminal } from '../support/terminal';
import { until } from '../support/until';
import { describeWhere, isWindows, testWhere } from '../support/where';

const SOON = { timeout: PATIENCE };

function fill(writer: Descriptor): number {
  let total = 0;
  for (let taken; (taken = writer.write(Buffer.alloc(4096, 'x'))) > 0;) total += taken;
  return total;
}

test('a stream is no descriptor', () => {
  const [here, there] = socketPair();
  const invalid = expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' });
  expect(() => fromDescriptor(here as never)).toThrow(invalid);
  here.close();
  there.close();
});

describeWhere(!isWindows, 'there are no descriptors on Windows')('a connection', () => {
  describe.each(loops)('on $name', ({ open }) => {
    let loop: EventLoop;
    let opened: Descriptor[];
    beforeEach(() => {
      loop = open();
      opened = [];
    });
    afterEach(() => {
      for (const each of opened) each.close();
      loop.close();
    });

    const both = (pair: DescriptorPair) => {
      const [reader, writer] = pair.open();
      opened.push(reader, writer);
      return { reader, writer };
    };
    const pipeOf = () => both(descriptorPairs[0]!);

    describe.each(descriptorPairs)('over $name', (pair) => {
      test('emits what comes, and completes at the end', async () => {
        const { reader, writer } = both(pair);
        const connection = fromDescriptor(reader, { loop });
        const closed = firstValueFrom(connection.closed$);
        const got: string[] = [];
        connection.data$.subscribe((chunk) => got.push(String(chunk)));
        writeAll(writer, 'hello', SOON);
        await until(() => got.join('') === 'hello');
        writer.close();
        expect(await closed).toBeNull();
        expect(reader.closed).toBe(true);
      });

      test('carries much, at the pace of the reader', async () => {
        const { reader, writer } = both(pair);
        const bytes = randomBytes(300_000);
        const incoming = fromDescriptor(reader, { loop });
        const got: Buffer[] = [];
        incoming.data$.subscribe((chunk) => got.push(chunk));
        const outgoing = fromDescriptor(writer, { loop });
        expect(await lastValueFrom(outgoing.send(slices(bytes)))).toBe(bytes.length);
        expect(outgoing.bytesWritten).toBe(bytes.length);
        await until(() => incoming.bytesRead === bytes.length);
        expect(Buffer.concat(got).equals(bytes)).toBe(true);
      });

      test('reads nothing before somebody subscribes', async () => {
        const { reader, writer } = both(pair);
        const connection = fromDescriptor(reader, { loop });
        connection.closed$.subscribe();
        const sent = fill(writer);
        await settled(loop);
        expect(connection.bytesRead).toBe(0);
        expect(readExactly(reader, sent, SOON)).toHaveLength(sent);
      });

      test('queues what is not taken yet, and says when there is room', async () => {
        const { reader, writer } = both(pair);
        const connection = fromDescriptor(writer, { loop, highWaterMark: 1000 });
        const bytes = Buffer.alloc(300_000, 'x');
        const writable = firstValueFrom(connection.writable$);
        expect(connection.write(bytes)).toBe(false);
        expect(connection.queuedBytes).toBeGreaterThan(0);
        const incoming = fromDescriptor(reader, { loop });
        incoming.data$.subscribe();
        await writable;
        expect(connection.queuedBytes).toBe(0);
        await until(() => incoming.bytesRead === bytes.length);
      });

      test('is followed by the verbs, which go on from there, and the other way round', async () => {
        const { reader, writer } = both(pair);
        writeAll(writer, 'one\ntwo\nthree\n', SOON);
        expect(readLine(reader, SOON)).toBe('one');
        const { data$ } = fromDescriptor(reader, { loop });
        expect(await firstValueFrom(data$.pipe(decode(lines())))).toBe('two');
        expect(readLine(reader, SOON)).toBe('three');
        expect(reader.closed).toBe(false);
        const reading = data$.subscribe();
        const busy = expect.objectContaining({ code: 'ERR_SOCKET_BUSY' });
        expect(() => readSome(reader, SOON)).toThrow(busy);
        expect(() => reader.read(Buffer.alloc(1))).toThrow(busy);
        expect(() => reader.detach()).toThrow(busy);
        reading.unsubscribe();
      });

      test('is the same for the same descriptor', () => {
        const { reader } = both(pair);
        const connection = fromDescriptor(reader, { loop });
        expect(fromDescriptor(reader)).toBe(connection);
        expect(() => fromDescriptor(reader, { highWaterMark: 0 })).toThrow(
          expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }),
        );
        expect(() => connection.socket).toThrow(expect.objectContaining({ code: 'ENOTSOCK' }));
        connection.close();
        expect(reader.closed).toBe(true);
        expect(() => fromDescriptor(reader)).toThrow(SocketClosedError);
      });

      test('is closed when the other side is gone, though nobody reads', async () => {
        const { reader, writer } = both(pair);
        const connection = fromDescriptor(reader, { loop });
        const closed = firstValueFrom(connection.closed$);
        writer.close();
        // A terminal that hangs up has the end among its bytes, and is told by a read alone.
        if (!pair.keepsUnread) connection.data$.subscribe();
        expect(await closed).toBeNull();
      });
    });

    test.each(descriptorPairs.filter(({ keepsUnread }) => keepsUnread))(
      'keeps what came before the end for whoever reads, over $name',
      async (pair) => {
        const { reader, writer } = both(pair);
        const connection = fromDescriptor(reader, { loop });
        connection.closed$.subscribe();
        writeAll(writer, 'last', SOON);
        writer.close();
        await settled(loop);
        expect(String(await bytesOf(connection))).toBe('last');
      },
    );

    test('writes what is queued before the end that a pipe gets', async () => {
      const { reader, writer } = pipeOf();
      const connection = fromDescriptor(writer, { loop });
      const closed = firstValueFrom(connection.closed$);
      const bytes = randomBytes(300_000);
      connection.write(bytes);
      connection.end();
      expect(() => connection.write('more')).toThrow(SocketClosedError);
      expect((await bytesOf(fromDescriptor(reader, { loop }))).equals(bytes)).toBe(true);
      expect(await closed).toBeNull();
      expect(writer.closed).toBe(true);
    });

    test('refuses to write to what was opened for reading, and reads on', async () => {
      const { reader, writer } = pipeOf();
      const connection = fromDescriptor(reader, { loop });
      const refusal = { name: 'SocketError', code: 'EBADF', syscall: 'write' };
      expect(() => connection.write('x')).toThrow(expect.objectContaining(refusal));
      await expect(lastValueFrom(connection.send(['x']))).rejects.toMatchObject(refusal);
      writeAll(writer, 'y', SOON);
      expect(String(await firstValueFrom(connection.data$))).toBe('y');
    });

    test('of what was opened for writing has a reader that waits for the end alone', async () => {
      const { reader, writer } = pipeOf();
      const connection = fromDescriptor(writer, { loop });
      const all = bytesOf(connection);
      connection.write('x');
      expect(String(readExactly(reader, 1, SOON))).toBe('x');
      reader.close();
      expect(await all).toHaveLength(0);
      expect(await firstValueFrom(connection.closed$)).toBeNull();
    });

    test.each([true, false])(
      'fails when nobody reads what it writes (read from: %s)',
      async (isRead) => {
        const { reader, writer } = pipeOf();
        const connection = fromDescriptor(writer, { loop, allowHalfOpen: true });
        const closed = firstValueFrom(connection.closed$);
        if (isRead) connection.data$.subscribe({ error: () => undefined });
        reader.close();
        connection.write('x');
        expect(await closed).toMatchObject({ code: 'EPIPE' });
      },
    );

    testWhere(hasTerminals, NO_TERMINALS)(
      'fails with the first write to a terminal that has hung up, though nobody reads',
      async () => {
        const [master, terminal] = openTerminal('raw');
        opened.push(master, terminal);
        const settings = { loop, allowHalfOpen: true, closeTimeout: 2 * PATIENCE };
        const connection = fromDescriptor(terminal, settings);
        master.close();
        poll(terminal, 'hangup', PATIENCE); // whoever opened the terminal may still have its master
        const closed = firstValueFrom(connection.closed$);
        connection.write('x');
        expect(await closed).toMatchObject({ code: 'EIO' });
      },
    );

    test('keeps what came before a write that fails for whoever reads', async () => {
      const { reader, writer } = both(descriptorPairs[1]!);
      const settings = { loop, allowHalfOpen: true, closeTimeout: 2 * PATIENCE };
      const connection = fromDescriptor(reader, settings);
      const closed = firstValueFrom(connection.closed$);
      writeAll(writer, 'last', SOON);
      writer.close();
      connection.write('x');
      await settled(loop);
      const got: string[] = [];
      connection.data$.subscribe({
        next: (chunk) => got.push(String(chunk)),
        error: () => undefined,
      });
      expect(await closed).toMatchObject({ code: 'EPIPE' });
      expect(got).toEqual(['last']);
    });

    test('reads and writes files', async () => {
      const [from, to] = [freshFile(), freshFile()];
      const bytes = randomBytes(300_000);
      writeFileSync(from, bytes);
      const source = adopt(openSync(from, 'r'), 'descriptor');
      const sink = adopt(openSync(to, 'w'), 'descriptor');
      opened.push(source, sink);
      const output = fromDescriptor(sink, { loop });
      await lastValueFrom(output.send(fromDescriptor(source, { loop }).data$));
      output.end();
      await lastValueFrom(output.closed$);
      expect(readFileSync(to).equals(bytes)).toBe(true);
    });

    testWhere(hasTerminals, NO_TERMINALS)(
      'ends our side of a terminal, and hears the other',
      async () => {
        const [master, terminal] = openTerminal('cooked');
        opened.push(master, terminal);
        const program = fromDescriptor(terminal, { loop });
        const heard = lastValueFrom(program.data$.pipe(decode(lines()), toArray()));
        program.write('name?\n');
        program.end();
        writeAll(master, 'x\n\x04', SOON);
        expect(await heard).toEqual(['x']);
        expect(terminal.closed).toBe(true);
        expect(readLine(master, SOON)).toBe('name?');
      },
    );
  });
});
