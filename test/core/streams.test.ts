import { NoConnectionAvailableError, SocketClosedError, StreamServer, StreamSocket } from 'bipoll';
import { poll, readExactly, writeAll } from 'bipoll/sync';
import { PATIENCE } from '../support/patience';
import { Connected, transports } from '../support/transports';
import { testWhere } from '../support/where';

const SOON = PATIENCE;

describe.each(transports)('over $name', (transport) => {
  test('accept with nobody waiting gives NoConnectionAvailableError', () => {
    using server = transport.listen();
    expect(server).toBeInstanceOf(StreamServer);
    expect(server.connectionAvailable()).toBe(false);
    expect(() => server.accept()).toThrow(NoConnectionAvailableError);
    expect(() => server.accept()).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
  });

  test('a server has a connection available only while one waits', () => {
    using server = transport.listen();
    expect(poll(server, 'connectionAvailable', 0)).toBeNull();
    using client = transport.connectTo(server);
    expect(poll(server, 'connectionAvailable', SOON)).toBe('connectionAvailable');
    using remote = server.accept();
    expect(remote).toBeInstanceOf(StreamSocket);
    expect(client).toBeInstanceOf(StreamSocket);
    expect(poll(server, 'connectionAvailable', 0)).toBeNull();
  });

  test('the future connection is determined and has succeeded on both ends', () => {
    using ends = new Connected(transport);
    const asked = ['determined', 'connectionSucceeded', 'connectionFailed'] as const;
    for (const socket of [ends.client, ends.remote]) {
      expect(poll(socket, asked, SOON)).toEqual(['determined', 'connectionSucceeded']);
      expect(socket.determined()).toBe(true);
      expect(socket.connectionSucceeded()).toBe(true);
      expect(socket.connectionFailed()).toBe(false);
      expect(socket.remoteDisconnected()).toBe(false);
      expect(socket.connectionError()).toBeNull();
    }
  });

  test('bytes go through, from a part of a buffer into a part of a buffer', () => {
    using ends = new Connected(transport);
    const { client, remote } = ends;
    expect(poll(client, 'readyToWrite', SOON)).toBe('readyToWrite');
    expect(poll(remote, 'dataAvailable', 0)).toBeNull();
    const buffer = Buffer.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(client.write(buffer, { start: 3, end: 5 })).toBe(2);
    expect(poll(remote, 'dataAvailable', SOON)).toBe('dataAvailable');
    expect(remote.read(buffer, { start: 7, end: 10 })).toBe(2);
    expect([...buffer]).toEqual([0, 1, 2, 3, 4, 5, 6, 3, 4, 9]);
    expect(remote.dataAvailable()).toBe(false);
    expect(client.readyToWrite()).toBe(true);
  });

  test.each([
    [{ start: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ end: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ start: 3, end: 1 }, 'ERR_OUT_OF_RANGE'],
    [{ start: 3, end: 11 }, 'ERR_OUT_OF_RANGE'],
    [{ start: 1.5 }, 'ERR_OUT_OF_RANGE'],
    [{ start: '1' as unknown as number }, 'ERR_INVALID_ARG_TYPE'],
  ])('the range %j of a buffer of 10 is refused', (range, code) => {
    using ends = new Connected(transport);
    const buffer = Buffer.alloc(10);
    expect(() => ends.client.write(buffer, range)).toThrow(expect.objectContaining({ code }));
    expect(() => ends.client.read(buffer, range)).toThrow(expect.objectContaining({ code }));
    expect(ends.remote.dataAvailable()).toBe(false);
  });

  test('a read with no data gives 0', () => {
    using ends = new Connected(transport);
    expect(ends.client.read(Buffer.alloc(10))).toBe(0);
    expect(ends.remote.read(Buffer.alloc(10))).toBe(0);
  });

  test('peeked bytes are read again', () => {
    using ends = new Connected(transport);
    ends.client.write(Buffer.from('abc'));
    poll(ends.remote, 'dataAvailable', SOON);
    const buffer = Buffer.alloc(2);
    expect(ends.remote.read(buffer, { peek: true })).toBe(2);
    expect(ends.remote.read(buffer)).toBe(2);
    expect(buffer.toString()).toBe('ab');
  });

  test('writev sends its buffers in order', () => {
    using ends = new Connected(transport);
    const parts = ['one', '', 'two', 'three'].map((text) => Buffer.from(text));
    expect(ends.client.writev(parts)).toBe(11);
    expect(readExactly(ends.remote, 11, { timeout: SOON }).toString()).toBe('onetwothree');
  });

  test('a full write buffer gives 0 and loses nothing', () => {
    using ends = new Connected(transport);
    const chunk = Buffer.alloc(100_000, 'x');
    let sent = 0;
    const isFull = () =>
      !ends.client.readyToWrite() && poll(ends.client, 'readyToWrite', 0) === null;
    const deadline = performance.now() + PATIENCE;
    do {
      for (let taken = -1; taken !== 0; sent += taken) taken = ends.client.write(chunk);
      // TCP has room again for what it still passes on to the other end.
    } while (!isFull() && performance.now() < deadline);
    expect(isFull()).toBe(true);
    const received = readExactly(ends.remote, sent, { timeout: SOON });
    expect(received.equals(Buffer.alloc(sent, 'x'))).toBe(true);
    expect(ends.remote.dataAvailable()).toBe(false);
    expect(poll(ends.client, 'readyToWrite', SOON)).toBe('readyToWrite');
  });

  test('a peer that closed has disconnected, and nothing else holds but being determined', () => {
    using ends = new Connected(transport);
    ends.remote.close();
    expect(poll(ends.client, 'remoteDisconnected', SOON)).toBe('remoteDisconnected');
    expect(poll(ends.client, 'connectionSucceeded', 0)).toBeNull();
    expect(ends.client.connectionFailed()).toBe(false);
    expect(poll(ends.client, 'dataAvailable', 0)).toBeNull();
    expect(ends.client.read(Buffer.alloc(1))).toBeNull();
  });

  test('what was sent before the peer closed is available and readable', () => {
    using ends = new Connected(transport);
    ends.remote.write(Buffer.from('last words'));
    ends.remote.close();
    poll(ends.client, 'remoteDisconnected', SOON);
    expect(ends.client.dataAvailable()).toBe(true);
    const buffer = Buffer.alloc(20);
    expect(ends.client.read(buffer)).toBe(10);
    expect(ends.client.dataAvailable()).toBe(false);
    expect(ends.client.read(buffer)).toBeNull();
    expect(ends.client.read(buffer)).toBeNull();
  });

  const withHalfClose = testWhere(transport.hasHalfClose, 'a pipe has no half-close');
  withHalfClose('a half-closed peer can still be answered', () => {
    using ends = new Connected(transport);
    ends.client.shutdown();
    expect(ends.client.readyToWrite()).toBe(false);
    expect(poll(ends.remote, 'remoteDisconnected', SOON)).toBe('remoteDisconnected');
    expect(ends.remote.readyToWrite()).toBe(true);
    writeAll(ends.remote, 'answer', { timeout: SOON });
    expect(readExactly(ends.client, 6, { timeout: SOON }).toString()).toBe('answer');
  });

  test('closing a server closes none of its connections', () => {
    using ends = new Connected(transport);
    ends.server.close();
    ends.client.write(Buffer.from('x'));
    expect(poll(ends.remote, 'dataAvailable', SOON)).toBe('dataAvailable');
  });

  test('a closed socket refuses all but another close', () => {
    const ends = new Connected(transport);
    const { client, server } = ends;
    expect(client.fd >= 0).toBe(transport.hasHalfClose); // a pipe has none
    ends[Symbol.dispose]();
    client.close();
    expect([client.closed, client.fd]).toEqual([true, -1]);
    for (const call of [
      () => client.read(Buffer.alloc(1)),
      () => client.write(Buffer.alloc(1)),
      () => client.determined(),
      () => client.dataAvailable(),
      () => client.connectionError(),
      () => poll(client, 'readyToWrite', 10),
      () => readExactly(client, 0, { timeout: 0 }),
      () => server.accept(),
      () => server.connectionAvailable(),
    ]) {
      expect(call).toThrow(SocketClosedError);
      expect(call).toThrow(expect.objectContaining({ code: 'ERR_SOCKET_CLOSED' }));
    }
  });
});
