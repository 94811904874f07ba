import { inspect } from 'node:util';
import { firstValueFrom } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { LocalServer, socketPair, TcpServer } from 'bipoll';
import { fromSocket } from 'bipoll/reactive';
import { readExactly, readSome } from 'bipoll/sync';
import { record, virtualConnection } from 'bipoll/testing';
import { PATIENCE } from '../../support/patience';
import { Connected, transports } from '../../support/transports';
import { until } from '../../support/until';

describe.each(transports)('a connection over $name', (transport) => {
  test('tells who is at its ends, and by what number it goes', () => {
    using ends = new Connected(transport);
    const { server } = ends;
    const connection = fromSocket(ends.client);
    const accepted = fromSocket(ends.remote);
    expect(accepted.id).toBeGreaterThan(connection.id);
    if (server instanceof TcpServer) {
      expect(connection).toMatchObject({ remoteAddress: server.host, remotePort: server.port });
      expect(connection).toMatchObject({
        localAddress: accepted.remoteAddress,
        localPort: accepted.remotePort,
        path: undefined,
      });
      expect(connection.peerCredentials()).toBeNull();
      expect(inspect(connection)).toContain(`:${server.port}'`);
    } else if (server instanceof LocalServer) {
      expect(connection).toMatchObject({ path: server.path, remoteAddress: undefined });
      const credentials = connection.peerCredentials();
      expect([process.pid, null]).toContain(credentials?.pid); // null where the system does not tell
      expect(inspect(connection)).toContain(inspect(server.path));
    }
    connection.close();
    expect(connection.localAddress).toBeUndefined();
    expect(connection.peerCredentials()).toBeNull();
    expect(inspect(connection)).toContain("state: 'closed'");
    accepted.close();
  });

  test('counts the bytes that it read, that the system took, and that are queued', async () => {
    using ends = new Connected(transport);
    const connection = fromSocket(ends.client);
    connection.data$.subscribe({ error: () => undefined });
    ends.remote.write(Buffer.alloc(5));
    connection.write('four');
    expect(connection).toMatchObject({ bytesWritten: 0, queuedBytes: 4 });
    readExactly(ends.remote, 4, { timeout: PATIENCE });
    await until(() => connection.bytesRead === 5 && connection.bytesWritten === 4);
    connection.write(Buffer.alloc(2 ** 24));
    expect(connection.queuedBytes).toBeGreaterThan(0);
    expect(connection.bytesWritten + connection.queuedBytes).toBe(4 + 2 ** 24);
    connection.close();
    expect(connection.queuedBytes).toBe(0);
    expect(connection.bytesWritten).toBeLessThan(4 + 2 ** 24);
  });
});

test.each(transports.filter(({ name }) => name.startsWith('TCP')))(
  'reset over $name is told to the peer as a reset',
  async (transport) => {
    using ends = new Connected(transport);
    const connection = fromSocket(ends.client);
    connection.reset();
    connection.reset();
    expect(ends.client.closed).toBe(true);
    expect(await firstValueFrom(connection.closed$)).toBeNull();
    expect(() => readSome(ends.remote, { timeout: PATIENCE })).toThrow('read ECONNRESET');
  },
);

test('reset of a stream that knows no reset closes it', () => {
  const [left, right] = socketPair();
  left.reset();
  expect(left.closed).toBe(true);
  expect(readSome(right, { timeout: PATIENCE })).toBeNull();
  right.close();
});

test('reset of a virtual connection is seen in what it sent', () => {
  const scheduler = new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected);
  });
  scheduler.run(() => {
    const virtual = virtualConnection(scheduler, '---');
    const recorded = record(virtual, { scheduler });
    scheduler.schedule(() => {
      recorded.reset();
    }, 2);
    virtual.expectSent('--#');
    scheduler.schedule(() => {
      expect(recorded.recording.sent).toBe('--#');
    }, 3);
  });
});

test('a virtual connection, and one that is recorded, have the same properties', () => {
  const scheduler = new TestScheduler(() => undefined);
  scheduler.run(({ flush }) => {
    const virtual = virtualConnection(scheduler, '-a');
    const recorded = record(virtual, { scheduler });
    recorded.data$.subscribe();
    recorded.write('four');
    flush();
    for (const each of [virtual, recorded]) {
      expect(each).toMatchObject({ id: virtual.id, bytesRead: 1, bytesWritten: 4, queuedBytes: 0 });
      expect(each.remoteAddress).toBeUndefined();
      expect(each.peerCredentials()).toBeNull();
    }
  });
});
