import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, writeFileSync } from 'node:fs';
import { adopt, connectTcp, Descriptor, listenTcp, Poller, socketPair, TcpServer } from 'bipoll';
import { poll, pollAll, writeAll } from 'bipoll/sync';
import { backends } from '../support/backends';
import { freshFile } from '../support/freshPath';
import { PATIENCE } from '../support/patience';
import { pipe } from '../support/pipe';
import { describeWhere, isWindows, testWhere } from '../support/where';

const SOON = PATIENCE;

describeWhere(!isWindows, 'there are no descriptors on Windows')('adopted', () => {
  test('a pipe is readable when bytes are there, and at its end', () => {
    const [readFd, writeFd] = pipe();
    using reader = adopt(readFd, 'descriptor');
    using writer = adopt(writeFd, 'descriptor');
    expect(reader).toBeInstanceOf(Descriptor);
    expect(reader.fd).toBe(readFd);
    expect(reader.readable()).toBe(false);
    expect(reader.read(Buffer.alloc(10))).toBe(0);
    expect(writer.writable()).toBe(true);
    expect(writer.write(Buffer.from('abc'))).toBe(3);
    expect(poll(reader, 'readable', SOON)).toBe('readable');
    expect(reader.read(Buffer.alloc(10))).toBe(3);
    writer.close();
    expect(poll(reader, ['readable', 'hangup'], SOON)).toEqual(['readable', 'hangup']);
    expect(reader.read(Buffer.alloc(10))).toBeNull();
  });

  test('writing to a full pipe takes nothing and does not block', () => {
    const [readFd, writeFd] = pipe();
    using reader = adopt(readFd, 'descriptor');
    using writer = adopt(writeFd, 'descriptor');
    let written = 0;
    for (let taken = -1; taken !== 0; written += taken) taken = writer.write(Buffer.alloc(100_000));
    expect(written).toBeGreaterThanOrEqual(4096);
    expect(writer.writable()).toBe(false);
    let read = 0;
    while (read < written) read += reader.read(Buffer.alloc(100_000)) ?? NaN;
    expect(read).toBe(written);
  });

  test('the flags of an adopted descriptor stay as they are', () => {
    const [readFd, writeFd] = pipe();
    const flags = (fd: number) => {
      const script = `require('fs').readFileSync('/proc/' + process.ppid + '/fdinfo/${fd}', 'utf8')`;
      return /flags:\s*(\d+)/.exec(
        spawnSync(process.execPath, ['-p', script], { encoding: 'utf8' }).stdout,
      )?.[1];
    };
    const nonBlocking = (text: string | undefined) => parseInt(text ?? '', 8) & 0o4000;
    const before = nonBlocking(flags(readFd));
    using reader = adopt(readFd, 'descriptor');
    expect(nonBlocking(flags(reader.fd))).toBe(before);
    closeSync(writeFd);
  });

  describe.each(backends)('in a %s poller', (backend) => {
    test('a pipe and a regular file are monitored like sockets', () => {
      using poller = new Poller({ backend });
      const [readFd, writeFd] = pipe();
      using reader = adopt(readFd, 'descriptor');
      using writer = adopt(writeFd, 'descriptor');
      const path = freshFile();
      writeFileSync(path, 'text');
      using file = adopt(openSync(path, 'r'), 'descriptor');
      poller.monitor(reader, ['readable', 'hangup']);
      expect(poller.wait(0)).toEqual([]);
      poller.monitor(file, 'readable');
      expect(poller.wait(0)).toEqual([{ socket: file, events: ['readable'] }]);
      expect(file.read(Buffer.alloc(10))).toBe(4);
      expect(file.read(Buffer.alloc(10))).toBeNull();
      poller.unmonitor(file);
      writer.write(Buffer.from('x'));
      expect(poller.wait(SOON)).toEqual([{ socket: reader, events: ['readable'] }]);
      writer.close();
      expect(poller.wait(SOON)).toEqual([{ socket: reader, events: ['readable', 'hangup'] }]);
    });
  });

  test('sockets and descriptors are polled at once', () => {
    const [readFd, writeFd] = pipe();
    using reader = adopt(readFd, 'descriptor');
    using writer = adopt(writeFd, 'descriptor');
    using server = listenTcp({ port: 0 });
    writer.write(Buffer.from('x'));
    expect(
      pollAll(
        [
          [server, 'connectionAvailable'],
          [reader, 'readable'],
        ],
        SOON,
      ),
    ).toEqual([null, ['readable']]);
  });

  test('a listening socket is adopted as the server that it is', () => {
    const carrier = listenTcp({ port: 0 });
    const [left, right] = socketPair();
    left.sendDescriptors(Buffer.from('x'), [carrier]);
    const { sockets } = right.receiveDescriptors(Buffer.alloc(1));
    const server = sockets[0] as TcpServer;
    expect(server).toBeInstanceOf(TcpServer);
    expect(server.port).toBe(carrier.port);
    carrier.close();
    using client = connectTcp({ host: server.host, port: server.port });
    expect(poll(server, 'connectionAvailable', SOON)).toBe('connectionAvailable');
    expect(poll(client, 'connectionSucceeded', SOON)).toBe('connectionSucceeded');
    for (const socket of [left, right, server]) socket.close();
  });

  test('what is received and of no known kind is a descriptor', () => {
    const [left, right] = socketPair();
    const directory = adopt(openSync('/', 'r'), 'descriptor');
    left.sendDescriptors(Buffer.from('x'), [directory]);
    const { bytes, sockets } = right.receiveDescriptors(Buffer.alloc(1));
    expect(bytes).toBe(1);
    expect(sockets).toHaveLength(1);
    expect(sockets[0]).toBeInstanceOf(Descriptor);
    for (const socket of [left, right, directory, ...sockets]) socket.close();
  });

  testWhere(process.platform === 'linux', 'other systems have no such mode')(
    'what was opened for neither reading nor writing is refused by the system at each call',
    () => {
      using neither = adopt(openSync('/dev/null', 3), 'descriptor');
      expect(neither.access).toBe('both');
      const refused = expect.objectContaining({ code: 'EBADF' });
      expect(() => neither.read(Buffer.alloc(1))).toThrow(refused);
      expect(() => {
        writeAll(neither, 'x', { timeout: SOON });
      }).toThrow(refused);
    },
  );

  test('standard streams are let go of, not closed', () => {
    adopt(0, 'descriptor').close();
    expect(() => fstatSync(0)).not.toThrow();
  });

  test('what is not as it was said to be is refused, and stays open', () => {
    const [readFd, writeFd] = pipe();
    const refusal = (fd: unknown, kind: unknown): unknown => {
      try {
        return (adopt as (...args: unknown[]) => unknown)(fd, kind);
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(refusal(readFd, 'tcp')).toBe('ENOTSOCK');
    expect(refusal(100_000, 'descriptor')).toBe('EBADF');
    expect(() => adopt(100_000, 'descriptor')).toThrow('of descriptor 100000');
    expect(refusal(-1, 'descriptor')).toBe('ERR_OUT_OF_RANGE');
    expect(refusal('0', 'descriptor')).toBe('ERR_INVALID_ARG_TYPE');
    expect(refusal(readFd, 'socket')).toBe('ERR_INVALID_ARG_VALUE');
    const [left, right] = socketPair();
    expect(refusal(left.fd, 'tcp')).toBe('EPROTOTYPE');
    expect(refusal(left.fd, 'localServer')).toBe('EPROTOTYPE');
    left.close();
    right.close();
    closeSync(readFd);
    closeSync(writeFd);
  });
});
