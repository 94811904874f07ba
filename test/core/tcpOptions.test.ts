import {
  adopt,
  ANY_IPV6,
  capabilities,
  connectTcp,
  listenTcp,
  LOOPBACK_IPV4,
  LOOPBACK_IPV6,
  SocketError,
  type TcpStream,
  type TcpStreamOptions,
} from 'bipoll';
import { connect as openConnection, fromServer, listen } from 'bipoll/reactive';
import { accept, connect, poll } from 'bipoll/sync';
import { firstValueFrom } from 'rxjs';
import { PATIENCE } from '../support/patience';
import { canReadTcpOptions, tcpOptions } from '../support/tcpOptions';
import { describeWhere, isWindows, testWhere } from '../support/where';

const limit = { timeout: PATIENCE };

/** No value is a default of the system, so each is seen to arrive. */
const unusual = {
  noDelay: false,
  keepAlive: 31_000,
  keepAliveInterval: 17_000,
  keepAliveCount: 4,
  userTimeout: 5000,
  linger: 3000,
  receiveBufferSize: 30_000,
  sendBufferSize: 20_000,
  typeOfService: 0x48,
  interface: 'lo',
} satisfies TcpStreamOptions;

/** What Linux says of a socket with these options: its buffers are twice as large as was asked. */
function told(host: string, options: TcpStreamOptions = unusual) {
  const { typeOfService, receiveBufferSize = 0, sendBufferSize = 0, ...others } = options;
  return expect.objectContaining({
    ...others,
    receiveBufferSize: 2 * receiveBufferSize,
    sendBufferSize: 2 * sendBufferSize,
    [host === LOOPBACK_IPV6 ? 'trafficClass' : 'typeOfService']: typeOfService,
  }) as unknown;
}

const onlyOnLinux = 'only on Linux can the test ask the system for them';

describeWhere(canReadTcpOptions, onlyOnLinux)('the system has each option of TCP', () => {
  describe.each([LOOPBACK_IPV4, LOOPBACK_IPV6])('over %s', (host) => {
    test('of a stream that connectTcp makes', () => {
      using server = listenTcp({ host, port: 0 });
      using stream = connectTcp({ host, port: server.port, ...unusual });
      expect(tcpOptions(stream.fd)).toEqual(told(host));
    });

    test('of a stream that the blocking connect makes', () => {
      using server = listenTcp({ host, port: 0 });
      using stream = connect({ host, port: server.port, ...unusual }, limit);
      expect(tcpOptions(stream.fd)).toEqual(told(host));
    });

    test('of a connection that the reactive connect makes', async () => {
      using server = listenTcp({ host, port: 0 });
      const connection = await firstValueFrom(openConnection({ host, port: server.port }, unusual));
      expect(tcpOptions(connection.socket.fd)).toEqual(told(host));
      connection.close();
    });

    test('of a stream that was accepted', () => {
      using server = listenTcp({ host, port: 0, ...unusual });
      expect(tcpOptions(server.fd)).toEqual(told(host));
      using client = connectTcp({ host, port: server.port });
      using accepted = accept(server, limit);
      expect(tcpOptions(accepted.fd)).toEqual(told(host));
      expect(client.closed).toBe(false);
    });

    test('of a connection that listen accepts', async () => {
      const found = await new Promise<unknown>((resolve) => {
        const connections = listen(
          { host, port: 0 },
          {
            ...unusual,
            onListening: (address) => {
              client = connectTcp({ host, port: (address as { port: number }).port });
            },
          },
        );
        let client: TcpStream | null = null;
        const listening = connections.subscribe((connection) => {
          resolve(tcpOptions(connection.socket.fd));
          connection.close();
          client?.close();
          listening.unsubscribe();
        });
      });
      expect(found).toEqual(told(host));
    });

    test('of a connection that fromServer accepts', async () => {
      using server = listenTcp({ host, port: 0 });
      const accepted = firstValueFrom(fromServer(server, unusual));
      expect(tcpOptions(server.fd)).toEqual(told(host));
      using client = connectTcp({ host, port: server.port });
      const connection = await accepted;
      expect(tcpOptions(connection.socket.fd)).toEqual(told(host));
      connection.close();
      expect(client.closed).toBe(false);
    });

    test('of a stream that was adopted, once setOptions has set them', () => {
      using server = listenTcp({ host, port: 0 });
      const fd = connect({ host, port: server.port }, limit).detach();
      using stream = adopt(fd, 'tcp');
      const before = tcpOptions(fd);
      stream.setOptions({});
      expect(tcpOptions(fd)).toEqual(before);
      stream.setOptions({ keepAliveCount: 7 });
      expect(tcpOptions(fd)).toEqual({ ...before, keepAliveCount: 7 });
      stream.setOptions(unusual);
      expect(tcpOptions(fd)).toEqual(told(host));
    });
  });

  test('of what a server of IPv6 accepts over IPv4', () => {
    using server = listenTcp({ host: ANY_IPV6, port: 0, ...unusual });
    using client = connectTcp({ host: LOOPBACK_IPV4, port: server.port });
    using accepted = accept(server, limit);
    expect(tcpOptions(accepted.fd)).toEqual(told(LOOPBACK_IPV4));
    expect(client.closed).toBe(false);
  });

  test('with times rounded to full seconds, and never to none', () => {
    using server = listenTcp({ port: 0 });
    using stream = connectTcp({
      host: server.host,
      port: server.port,
      keepAlive: 1,
      keepAliveInterval: 2400,
      linger: 1,
    });
    expect(tcpOptions(stream.fd)).toMatchObject({
      keepAlive: 1000,
      keepAliveInterval: 2000,
      linger: 1000,
    });
  });
});

/** The two ends of a connection, the first of which has these options. */
function connected(options: TcpStreamOptions): [TcpStream, TcpStream] {
  using server = listenTcp({ port: 0 });
  const stream = connectTcp({ host: server.host, port: server.port, ...options });
  const peer = accept(server, limit);
  poll(stream, 'connectionSucceeded', PATIENCE);
  return [stream, peer];
}

test('a linger of 0 makes a reset of the close', () => {
  const [stream, peer] = connected({ linger: 0 });
  stream.close();
  poll(peer, 'remoteDisconnected', PATIENCE);
  expect(() => peer.read(Buffer.alloc(1))).toThrow(expect.objectContaining({ code: 'ECONNRESET' }));
  peer.close();
});

testWhere(!isWindows, 'Windows takes no such linger')(
  'a linger keeps close waiting until the peer has what was sent',
  () => {
    const [stream, peer] = connected({ linger: PATIENCE });
    stream.write(Buffer.from('all of it'));
    stream.close();
    const buffer = Buffer.alloc(100);
    poll(peer, 'dataAvailable', PATIENCE);
    expect(buffer.toString('utf8', 0, peer.read(buffer)!)).toBe('all of it');
    peer.close();
  },
);

/** Each call that takes options of a stream. */
const takers: [string, (options: object) => unknown][] = [
  ['connectTcp', (options) => connectTcp({ host: LOOPBACK_IPV4, port: 1, ...options })],
  ['listenTcp', (options) => listenTcp({ port: 0, ...options })],
  ['the blocking connect', (options) => connect({ host: '127.0.0.1', port: 1, ...options }, limit)],
  ['the reactive connect', (options) => openConnection({ port: 1 }, options)],
  ['listen', (options) => listen({ port: 0 }, options)],
  [
    'setOptions',
    (options) => {
      using server = listenTcp({ port: 0 });
      using stream = connectTcp({ host: server.host, port: server.port });
      stream.setOptions(options);
    },
  ],
];

describe.each(takers)('%s refuses', (_name, take) => {
  test.each([
    ['noDelay', 1],
    ['keepAlive', 'x'],
    ['keepAlive', null],
    ['keepAliveInterval', '1'],
    ['keepAliveCount', true],
    ['userTimeout', 1n],
    ['linger', false],
    ['receiveBufferSize', '64k'],
    ['sendBufferSize', {}],
    ['typeOfService', 'low'],
    ['interface', 1],
  ])('a wrong type: %s of %p', (name, value) => {
    expect(() => take({ [name]: value })).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_TYPE',
        message: expect.stringContaining(`"${name}"`) as string,
      }),
    );
  });

  test.each([
    ['keepAlive', 0],
    ['keepAlive', 32_767_001],
    ['keepAliveInterval', 0],
    ['keepAliveInterval', 32_767_001],
    ['keepAliveCount', 0],
    ['keepAliveCount', 128],
    ['userTimeout', -1],
    ['linger', -1],
    ['linger', 0.5],
    ['linger', 32_767_001],
    ['receiveBufferSize', 0],
    ['receiveBufferSize', 2 ** 31],
    ['sendBufferSize', NaN],
    ['typeOfService', 256],
  ])('what is out of range: %s of %p', (name, value) => {
    expect(() => take({ [name]: value })).toThrow(
      expect.objectContaining({
        code: 'ERR_OUT_OF_RANGE',
        message: expect.stringContaining(`"${name}"`) as string,
      }),
    );
  });

  test.each(['', 'lo\0'])('%p as an interface', (name) => {
    expect(() => take({ interface: name })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
    );
  });
});

/** With a value that is an error nowhere but where there is no such option. */
const notEverywhere = [
  ['interface', 'lo'],
  ['linger', 1000],
  ['typeOfService', 8],
  ['userTimeout', 1000],
] as const;

describe.each(notEverywhere)('%s', (option, value) => {
  testWhere(!capabilities().features[option], 'this system has it')(
    'is refused by a system that lacks it, with a code and its name',
    () => {
      for (const [, take] of takers) {
        expect(() => take({ [option]: value })).toThrow(
          expect.objectContaining({
            code: 'ENOPROTOOPT',
            syscall: 'setsockopt',
            message: expect.stringContaining(option) as string,
          }),
        );
      }
    },
  );
});

testWhere(capabilities().features.interface, 'this system has no option for it')(
  'an interface that does not exist is an error, of a server too',
  () => {
    const options = { interface: 'no-such-if' };
    using server = listenTcp({ port: 0 });
    const error = expect.objectContaining({ code: 'ENODEV' });
    const { host, port } = server;
    expect(() => connectTcp({ host, port, ...options })).toThrow(error);
    expect(() => connectTcp({ host, port, ...options })).toThrow(SocketError);
    expect(() => listenTcp({ port: 0, ...options })).toThrow(error);
  },
);
