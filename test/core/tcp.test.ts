import {
  capabilities,
  ANY_IPV4,
  ANY_IPV6,
  connectTcp,
  listenTcp,
  LOOPBACK_IPV4,
  LOOPBACK_IPV6,
  resolve,
  SocketError,
} from 'bipoll';
import { accept, connect, poll } from 'bipoll/sync';
import { PATIENCE } from '../support/patience';
import { canReadTcpOptions, tcpOptions } from '../support/tcpOptions';
import { isWindows, testWhere } from '../support/where';
import { freePort } from '../support/freePort';

const SOON = PATIENCE;

test.each([LOOPBACK_IPV4, LOOPBACK_IPV6])(
  'both ends of a connection to %s know both addresses',
  (host) => {
    using server = listenTcp({ host, port: 0 });
    expect(server.host).toBe(host);
    const localPort = freePort();
    using client = connectTcp({ host, port: server.port, localPort });
    using remote = accept(server, { timeout: SOON });
    poll(client, 'connectionSucceeded', SOON);
    expect(client).toMatchObject({
      localAddress: host,
      localPort,
      remoteAddress: host,
      remotePort: server.port,
    });
    expect(remote).toMatchObject({
      localAddress: host,
      localPort: server.port,
      remoteAddress: host,
      remotePort: localPort,
    });
  },
);

testWhere(!isWindows, 'Windows connects to no such address')(
  'a client of whatever address this machine has knows which one it reached',
  () => {
    for (const loopback of [LOOPBACK_IPV4, LOOPBACK_IPV6]) {
      const host = loopback === LOOPBACK_IPV4 ? ANY_IPV4 : ANY_IPV6;
      using server = listenTcp({ host: loopback, port: 0 });
      using client = connect({ host, port: server.port }, { timeout: SOON });
      expect(client.remoteAddress).toBe(loopback);
    }
  },
);

test('a server listens on loopback alone unless told otherwise', () => {
  using server = listenTcp({ port: 0 });
  expect(server.host).toBe(LOOPBACK_IPV4);
  using open = listenTcp({ host: ANY_IPV4, port: 0 });
  expect(open.host).toBe(ANY_IPV4);
});

test('a second server on a port is refused', () => {
  using server = listenTcp({ port: 0 });
  expect(() => listenTcp({ port: server.port })).toThrow(SocketError);
  expect(() => listenTcp({ port: server.port })).toThrow(
    expect.objectContaining({
      code: 'EADDRINUSE',
      syscall: 'listen',
      address: LOOPBACK_IPV4,
      port: server.port,
    }),
  );
});

testWhere(!isWindows, 'Windows lets nobody share a port')(
  'servers share a port if all of them ask for it',
  () => {
    using first = listenTcp({ port: 0, reusePort: true });
    using second = listenTcp({ port: first.port, reusePort: true });
    expect(second.port).toBe(first.port);
  },
);

test('a connection to nobody is determined and has failed, with its error', () => {
  const port = freePort();
  using client = connectTcp({ host: LOOPBACK_IPV4, port });
  expect(poll(client, ['determined', 'connectionFailed', 'connectionSucceeded'], SOON)).toEqual([
    'determined',
    'connectionFailed',
  ]);
  expect(client.connectionFailed()).toBe(true);
  expect(client.connectionSucceeded()).toBe(false);
  expect(client.remoteDisconnected()).toBe(false);
  for (const error of [client.connectionError(), client.connectionError()]) {
    expect(error).toBeInstanceOf(SocketError);
    expect(error).toMatchObject({
      code: 'ECONNREFUSED',
      syscall: 'connect',
      address: LOOPBACK_IPV4,
      port,
    });
    expect(error?.errno).toBeLessThan(0);
    expect(error?.message).toBe(`connect ECONNREFUSED ${LOOPBACK_IPV4}:${port}`);
  }
  expect(client.dataAvailable()).toBe(false);
  expect(client.readyToWrite()).toBe(false);
  expect(() => client.read(Buffer.alloc(1))).toThrow(/ECONNREFUSED/);
  expect(() => client.write(Buffer.alloc(1))).toThrow(/ECONNREFUSED/);
});

test('while a peer has closed but could still be read by, writing goes on until it fails', () => {
  using server = listenTcp({ port: 0 });
  using client = connectTcp({ host: server.host, port: server.port });
  accept(server, { timeout: SOON }).close();
  poll(client, 'remoteDisconnected', SOON);
  expect(client.readyToWrite()).toBe(true);
  client.write(Buffer.from('x')); // answered with a reset
  expect(() => {
    const deadline = performance.now() + PATIENCE;
    while (performance.now() < deadline) client.write(Buffer.from('x'));
  }).toThrow(expect.objectContaining({ code: expect.stringMatching(/EPIPE|ECONNRESET/) }));
  expect(client.readyToWrite()).toBe(false);
});

test('a reset is an error of read, each time, and the peer has disconnected', () => {
  using server = listenTcp({ port: 0 });
  using client = connectTcp({ host: server.host, port: server.port });
  const remote = accept(server, { timeout: SOON });
  client.write(Buffer.from('unread'));
  poll(remote, 'dataAvailable', SOON);
  remote.close(); // with unread data: a reset
  expect(poll(client, 'remoteDisconnected', SOON)).toBe('remoteDisconnected');
  expect(client.dataAvailable()).toBe(false);
  for (let i = 0; i < 2; i++) {
    expect(() => client.read(Buffer.alloc(1))).toThrow(
      expect.objectContaining({ code: 'ECONNRESET', syscall: 'read' }),
    );
  }
});

test.each([
  ['a host that is a name', { host: 'localhost', port: 1 }, 'ERR_INVALID_ARG_VALUE', 'host'],
  ['a host that is no string', { host: 7, port: 1 }, 'ERR_INVALID_ARG_TYPE', 'host'],
  ['a host with a NUL', { host: '127.0.0.1\0', port: 1 }, 'ERR_INVALID_ARG_VALUE', 'host'],
  ['no port', { host: '127.0.0.1' }, 'ERR_INVALID_ARG_TYPE', 'port'],
  ['a port out of range', { host: '127.0.0.1', port: 65_536 }, 'ERR_OUT_OF_RANGE', 'port'],
  ['a port that is no integer', { host: '127.0.0.1', port: 1.5 }, 'ERR_OUT_OF_RANGE', 'port'],
  ['no options', undefined, 'ERR_INVALID_ARG_TYPE', 'options'],
])('%s is refused', (_what, options, code, name) => {
  for (const call of [listenTcp, connectTcp] as ((options: unknown) => unknown)[]) {
    expect(() => call(options)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(name) }),
    );
  }
});

test('options of a connection are taken', () => {
  using server = listenTcp({ port: 0 });
  using client = connectTcp({
    host: server.host,
    port: server.port,
    localAddress: '127.0.0.2',
    noDelay: false,
    keepAlive: 30_000,
    ...(capabilities().features.userTimeout && { userTimeout: 5000 }),
  });
  expect(poll(client, 'connectionSucceeded', SOON)).toBe('connectionSucceeded');
  expect(client.localAddress).toBe('127.0.0.2');
  if (!canReadTcpOptions) return;
  expect(tcpOptions(client.fd)).toMatchObject({
    noDelay: false,
    keepAlive: 30_000,
    userTimeout: 5000,
  });
  using other = connectTcp({ host: server.host, port: server.port });
  expect(tcpOptions(other.fd)).toMatchObject({
    noDelay: true,
    keepAlive: false,
    userTimeout: 0,
  });
});

testWhere(canReadTcpOptions, 'only on Linux can the test ask the system for them')(
  'streams are accepted with no delay, or with the options of listenTcp',
  () => {
    const accepting = { noDelay: false, keepAlive: 30_000, userTimeout: 5000 };
    for (const [options, expected] of [
      [{}, { noDelay: true, keepAlive: false, userTimeout: 0 }],
      [accepting, accepting],
    ] as const) {
      using server = listenTcp({ port: 0, ...options });
      using client = connectTcp({ host: server.host, port: server.port });
      using accepted = accept(server, { timeout: SOON });
      expect(tcpOptions(accepted.fd)).toMatchObject(expected);
      expect(client.closed).toBe(false);
    }
  },
);

test('listenTcp refuses bad options of the streams that it accepts', () => {
  for (const bad of [{ noDelay: null }, { keepAlive: 'x' }, { userTimeout: -1 }]) {
    expect(() => listenTcp({ port: 0, ...bad } as never)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^ERR_/) as string }),
    );
  }
});

test('names are resolved, of the family that is asked for', () => {
  expect(resolve('localhost', { family: 4 })).toBe(LOOPBACK_IPV4);
  expect(resolve('127.0.0.1')).toBe(LOOPBACK_IPV4);
  expect(resolve('127.0.0.1', { family: 6 })).toBeNull();
  expect(resolve('no-such-name.invalid')).toBeNull();
  expect(() => resolve('')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
  expect(() => resolve('localhost', { family: 5 as 4 })).toThrow(/family/);
});

test('a keepAlive that the system does not take is refused', () => {
  const connecting = (keepAlive: number) => () => {
    connectTcp({ host: '127.0.0.1', port: 1, keepAlive }).close();
  };
  expect(connecting(32_767_000)).not.toThrow();
  expect(connecting(32_767_001)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
});
