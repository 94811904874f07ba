import { closeSync, openSync, writeFileSync } from 'node:fs';
import {
  adopt,
  type Descriptor,
  Poller,
  SocketBusyError,
  SocketClosedError,
  TimeoutError,
} from 'bipoll';
import { lengthPrefixed } from 'bipoll/framing';
import {
  EndOfStreamError,
  frames,
  poll,
  readExactly,
  readLine,
  readSome,
  readUntil,
  writeAll,
} from 'bipoll/sync';
import { backends } from '../support/backends';
import { descriptorPairs } from '../support/descriptorPairs';
import { freshFile } from '../support/freshPath';
import { PATIENCE } from '../support/patience';
import { pipe } from '../support/pipe';
import { hasTerminals, NO_TERMINALS, openTerminal } from '../support/terminal';
import { describeWhere, isWindows } from '../support/where';

const SOON = { timeout: PATIENCE };
const NOW = { timeout: 0 };
const anywhere = !isWindows;
const REASON = 'there are no descriptors on Windows';

describeWhere(anywhere, REASON)('the verbs', () => {
  describe.each(descriptorPairs)('on $name', ({ open, isTwoWay }) => {
    let reader: Descriptor;
    let writer: Descriptor;
    beforeEach(() => {
      [reader, writer] = open();
    });
    afterEach(() => {
      reader.close();
      writer.close();
    });

    test('read what is written, by bytes, delimiters, lines and frames', () => {
      writeAll(writer, 's', SOON);
      expect(String(readSome(reader, SOON))).toBe('s');
      writeAll(writer, 'ome', SOON);
      expect(String(readExactly(reader, 3, SOON))).toBe('ome');
      writeAll(writer, 'one;two\nthree\r\n', SOON);
      expect(String(readUntil(reader, [';', '!'], SOON))).toBe('one;');
      expect([readLine(reader, SOON), readLine(reader, SOON)]).toEqual(['two', 'three']);
      writeAll(writer, Buffer.from('\x00\x01a\x00\x02bc', 'latin1'), SOON);
      const got = frames(reader, lengthPrefixed({ prefix: 'uint16' }), SOON);
      expect([String(got.next().value), String(got.next().value)]).toEqual(['a', 'bc']);
    });

    test('lose nothing at a timeout, which says how much had come', () => {
      writeAll(writer, 'ab', SOON);
      expect(poll(reader, 'readable', PATIENCE)).toBe('readable');
      expect(() => readLine(reader, { timeout: 5 })).toThrow(
        expect.objectContaining({ code: 'ETIMEDOUT', bytesAvailable: 2 }),
      );
      expect(() => readLine(reader, NOW)).toThrow(TimeoutError);
      writeAll(writer, 'c\n', SOON);
      expect(readLine(reader, SOON)).toBe('abc');
      expect(() => readSome(reader, NOW)).toThrow(TimeoutError);
    });

    test('leave bytes for read, which count as readable', () => {
      writeAll(writer, 'ab', SOON);
      expect(() => readExactly(reader, 3, { timeout: 5 })).toThrow(TimeoutError);
      expect(reader.readable()).toBe(true);
      expect(poll(reader, 'readable', 0)).toBe('readable');
      expect(() => reader.detach()).toThrow(SocketBusyError);
      const buffer = Buffer.alloc(1);
      expect(reader.read(buffer)).toBe(1);
      expect(reader.read(buffer)).toBe(1);
      expect(buffer.toString()).toBe('b');
      expect(reader.readable()).toBe(false);
      expect(reader.read(buffer)).toBe(0);
    });

    describe.each(backends)('in a %s poller', (backend) => {
      test('leave bytes that are readable there', () => {
        using poller = new Poller({ backend });
        poller.monitor(reader, 'readable');
        writeAll(writer, 'ab', SOON);
        expect(() => readLine(reader, { timeout: 5 })).toThrow(TimeoutError);
        expect(poller.wait(PATIENCE)).toEqual([{ socket: reader, events: ['readable'] }]);
        expect(String(readExactly(reader, 2, NOW))).toBe('ab');
        expect(poller.wait(0)).toEqual([]);
      });
    });

    test('give the last line, then the end', () => {
      writeAll(writer, 'one\ntwo', SOON);
      expect(readLine(reader, SOON)).toBe('one');
      writer.close();
      expect(readLine(reader, SOON)).toBe('two');
      expect(readLine(reader, SOON)).toBeNull();
      expect(readSome(reader, SOON)).toBeNull();
      expect(() => readExactly(reader, 1, SOON)).toThrow(EndOfStreamError);
    });

    test('write no more than is taken within the limit, and say how much that was', () => {
      const bytes = Buffer.alloc(4 * 2 ** 20, 'x');
      let written = 0;
      try {
        writeAll(writer, bytes, { timeout: 20 });
      } catch (error) {
        expect(error).toBeInstanceOf(TimeoutError);
        written = (error as TimeoutError).bytesWritten;
      }
      expect(written).toBeGreaterThan(0);
      expect(readExactly(reader, written, SOON).equals(bytes.subarray(0, written))).toBe(true);
    });

    test('refuse one that is closed, whatever is unread', () => {
      writeAll(writer, 'ab', SOON);
      expect(() => readExactly(reader, 3, { timeout: 5 })).toThrow(TimeoutError);
      reader.close();
      expect(() => readSome(reader, NOW)).toThrow(SocketClosedError);
      expect(() => {
        writeAll(reader, 'x', NOW);
      }).toThrow(SocketClosedError);
    });

    test('are told what it was opened for', () => {
      expect([reader.access, writer.access]).toEqual(
        isTwoWay ? ['both', 'both'] : ['read', 'write'],
      );
    });
  });

  test('say that one end of a pipe is for reading, and the other for writing', () => {
    const [readFd, writeFd] = pipe();
    using reader = adopt(readFd, 'descriptor');
    using writer = adopt(writeFd, 'descriptor');
    const refusal = expect.objectContaining({ name: 'SocketError', code: 'EBADF' });
    expect(() => readLine(writer, { ...SOON, interruptible: true })).toThrow(refusal);
    expect(() => {
      writeAll(reader, 'x', { ...SOON, interruptible: true });
    }).toThrow(refusal);
  });

  test('fail when nobody reads from the pipe any more', () => {
    const [readFd, writeFd] = pipe();
    closeSync(readFd);
    using writer = adopt(writeFd, 'descriptor');
    expect(() => {
      writeAll(writer, 'x', SOON);
    }).toThrow(expect.objectContaining({ code: 'EPIPE', bytesWritten: 0 }));
  });

  test('read a file to its end', () => {
    const path = freshFile();
    writeFileSync(path, 'one\ntwo');
    using file = adopt(openSync(path, 'r'), 'descriptor');
    expect([1, 2, 3].map(() => readLine(file, SOON))).toEqual(['one', 'two', null]);
  });
});

describeWhere(hasTerminals, NO_TERMINALS)('a terminal', () => {
  test('gives whole lines as they were corrected, and an end by Ctrl-D that is none for ever', () => {
    const [master, terminal] = openTerminal('cooked');
    writeAll(master, 'anz\x7fswer', SOON);
    expect(() => readLine(terminal, { timeout: 5 })).toThrow(TimeoutError);
    writeAll(master, '\n', SOON);
    expect(readLine(terminal, SOON)).toBe('answer');
    writeAll(master, '\x04', SOON);
    expect(readLine(terminal, SOON)).toBeNull();
    writeAll(master, 'more\n', SOON);
    expect(readLine(terminal, SOON)).toBe('more');
    master.close();
    terminal.close();
  });

  test('has ended for its master when the last program has closed it', () => {
    const [master, terminal] = openTerminal('raw');
    writeAll(terminal, 'bye', SOON);
    terminal.close();
    expect(String(readExactly(master, 3, SOON))).toBe('bye');
    expect(readSome(master, SOON)).toBeNull();
    expect(master.read(Buffer.alloc(1))).toBeNull();
    master.close();
  });
});
