import { lstatSync, writeFileSync } from 'node:fs';
import {
  bindLocalDatagram,
  capabilities,
  connectLocalDatagram,
  connectLocalPackets,
  listenLocal,
  listenLocalPackets,
  LocalPacketServer,
  Poller,
  StaleSocketError,
} from 'bipoll';
import { accept, poll } from 'bipoll/sync';
import { backends } from '../support/backends';
import { freshFile, freshPath } from '../support/freshPath';
import { PATIENCE } from '../support/patience';
import { describeWhere } from '../support/where';

const SOON = PATIENCE;
const failing = (code: string) => expect.objectContaining({ code }) as Error;
const { localDatagrams, localPackets } = capabilities().features;
const absence = 'this system does not have them';

/** Both make a socket file, in the same ways. */
const makers = [
  ...(localDatagrams
    ? [{ name: 'bindLocalDatagram', make: bindLocalDatagram, join: connectLocalDatagram }]
    : []),
  ...(localPackets
    ? [{ name: 'listenLocalPackets', make: listenLocalPackets, join: connectLocalPackets }]
    : []),
];

describeWhere(localDatagrams, absence)('the socket file', () => {
  describe.each(makers)('of $name', ({ make, join }) => {
    test("is its owner's alone, or what the mode says, and goes with the socket", () => {
      const path = freshPath();
      for (const mode of [0o600, 0o666]) {
        const socket = mode === 0o600 ? make({ path }) : make({ path, mode });
        expect(lstatSync(path).mode & 0o777).toBe(mode);
        socket.close();
        expect(() => lstatSync(path)).toThrow('ENOENT');
      }
    });

    test('is taken over only if nobody has it any more, and only if that is asked for', () => {
      const path = freshPath();
      make({ path, deleteOnClose: false }).close();
      expect(() => make({ path })).toThrow(StaleSocketError);
      expect(() => join({ path })).toThrow(failing('ECONNREFUSED'));
      using alive = make({ path, replaceStale: true });
      for (const replaceStale of [false, true]) {
        expect(() => make({ path, replaceStale })).toThrow(failing('EADDRINUSE'));
      }
      join({ path: alive.path }).close();
      expect(lstatSync(path).isSocket()).toBe(true);
    });

    test('is never made in the place of another file', () => {
      const path = freshFile();
      writeFileSync(path, 'text');
      expect(() => make({ path, replaceStale: true })).toThrow(failing('EADDRINUSE'));
    });

    test('of a stream is of another type', () => {
      using server = listenLocal({ path: freshPath() });
      expect(() => join({ path: server.path })).toThrow(failing('EPROTOTYPE'));
    });

    test('is refused where its path is wrong', () => {
      expect(() => make({ path: '' })).toThrow(failing('ERR_INVALID_ARG_VALUE'));
      expect(() => make({ path: 'x'.repeat(200) })).toThrow(failing('ENAMETOOLONG'));
      expect(() => make({ path: freshPath(), mode: 0o1000 })).toThrow(failing('ERR_OUT_OF_RANGE'));
      expect(() => join({ path: freshPath() })).toThrow(failing('ENOENT'));
    });
  });
});

describeWhere(localDatagrams, absence)('a local datagram socket', () => {
  test('tells whom a message is from, if that has a path', () => {
    using receiver = bindLocalDatagram({ path: freshPath() });
    using named = bindLocalDatagram({ path: freshPath() });
    using nameless = connectLocalDatagram({ path: receiver.path });
    named.send(Buffer.from('x'), { path: receiver.path });
    nameless.send(Buffer.from('y'));
    expect(receiver.receive()).toMatchObject({ from: { path: named.path } });
    expect(receiver.receive()).toMatchObject({ from: null });
  });

  test('fails to send where nobody is, and to whom it must not say', () => {
    using socket = bindLocalDatagram({ path: freshPath() });
    using connected = connectLocalDatagram({ path: socket.path });
    const bytes = Buffer.from('x');
    expect(() => socket.send(bytes, { path: freshPath() })).toThrow(failing('ENOENT'));
    expect(() => socket.send(bytes)).toThrow(failing('ERR_INVALID_ARG_VALUE'));
    expect(() => socket.send(bytes, {} as never)).toThrow(failing('ERR_INVALID_ARG_TYPE'));
    expect(() => connected.send(bytes, { path: socket.path })).toThrow(
      failing('ERR_INVALID_ARG_VALUE'),
    );
  });
});

describeWhere(localPackets, absence)('local packets', () => {
  function pair() {
    using server = listenLocalPackets({ path: freshPath() });
    const client = connectLocalPackets({ path: server.path });
    return [client, accept(server, { timeout: SOON })] as const;
  }

  test('come through a server, whose clients are known', () => {
    using server = listenLocalPackets({ path: freshPath() });
    expect(server).toBeInstanceOf(LocalPacketServer);
    expect(server.connectionAvailable()).toBe(false);
    expect(() => server.accept()).toThrow(failing('EAGAIN'));
    using client = connectLocalPackets({ path: server.path });
    expect(client.connectionSucceeded()).toBe(true);
    expect(server.connectionAvailable()).toBe(true);
    using accepted = server.accept();
    expect(accepted.path).toBe(server.path);
    expect(accepted.peerCredentials()).toMatchObject({ uid: process.getuid?.() });
  });

  test('before the end are received, and then it is told', () => {
    const [client, server] = pair();
    client.send(Buffer.from('last'));
    client.send(new Uint8Array(0));
    client.close();
    expect(poll(server, ['dataAvailable', 'remoteDisconnected'], SOON)).toEqual([
      'dataAvailable',
      'remoteDisconnected',
    ]);
    expect(server.receive()!.bytes.toString()).toBe('last');
    expect(server.receive()).toMatchObject({ bytes: Buffer.alloc(0) });
    expect(server.receive()).toBeNull();
    expect(server.dataAvailable()).toBe(false);
    expect(server.remoteDisconnected()).toBe(true);
    expect(() => server.send(Buffer.from('x'))).toThrow(failing('EPIPE'));
    server.close();
  });

  test('go on in one direction after the end of the other', () => {
    const [client, server] = pair();
    client.shutdown();
    expect(poll(server, 'remoteDisconnected', SOON)).toBe('remoteDisconnected');
    expect(server.receive()).toBeNull();
    server.send(Buffer.from('answer'));
    expect(poll(client, 'dataAvailable', SOON)).toBe('dataAvailable');
    expect(client.receive()!.bytes.toString()).toBe('answer');
    expect(() => client.send(Buffer.from('x'))).toThrow(failing('EPIPE'));
    client.close();
    server.close();
  });

  test.each(backends)('in a %s poller: the end is reported without a spin', (backend) => {
    using poller = new Poller({ backend });
    const [client, server] = pair();
    poller.monitor(server, ['dataAvailable', 'remoteDisconnected']);
    expect(poller.wait(0)).toEqual([]);
    client.close();
    expect(poller.wait(SOON)).toEqual([{ socket: server, events: ['remoteDisconnected'] }]);
    expect(server.receive()).toBeNull();
    poller.setMonitoredEvents(server, 'dataAvailable');
    expect(poller.wait(20)).toEqual([]);
    server.close();
  });
});
