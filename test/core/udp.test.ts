import { ANY_IPV4, bindUdp, capabilities, connectUdp, LOOPBACK_IPV4, type UdpSocket } from 'bipoll';
import { poll } from 'bipoll/sync';
import { PATIENCE } from '../support/patience';
import { isWindows, testWhere } from '../support/where';

const SOON = PATIENCE;
const addressOf = (socket: UdpSocket) => ({ host: socket.localAddress!, port: socket.localPort! });
const failing = (code: string) => expect.objectContaining({ code }) as Error;

describe('a UDP socket', () => {
  test('is bound to the loopback and a port that the system chooses, unless told otherwise', () => {
    using socket = bindUdp();
    expect(socket.localAddress).toBe('127.0.0.1');
    expect(socket.localPort).toBeGreaterThan(0);
    expect(socket.remoteAddress).toBeUndefined();
  });

  test('tells of each message whom it is from, and sends to whomever it is told', () => {
    using left = bindUdp();
    using right = bindUdp();
    left.send(Buffer.from('x'), addressOf(right));
    poll(right, 'dataAvailable', SOON);
    const { from } = right.receive()!;
    expect(from).toEqual(addressOf(left));
    right.send(Buffer.from('y'), from);
    poll(left, 'dataAvailable', SOON);
    expect(left.receive()!.from).toEqual(addressOf(right));
  });

  test('that is connected gets messages of its peer alone', () => {
    using server = bindUdp();
    using stranger = bindUdp();
    using client = connectUdp(addressOf(server));
    expect(client.remoteAddress).toBe('127.0.0.1');
    expect(client.remotePort).toBe(server.localPort);
    stranger.send(Buffer.from('stranger'), addressOf(client));
    server.send(Buffer.from('peer'), addressOf(client));
    poll(client, 'dataAvailable', SOON);
    expect(client.receive()!.bytes.toString()).toBe('peer');
    expect(client.receive()).toBeNull();
  });

  testWhere(!isWindows, 'Windows tells nothing of that')(
    'that is connected is told once that nobody is there, and goes on',
    () => {
      using server = bindUdp();
      const { port } = addressOf(server);
      server.close();
      using client = connectUdp({ host: LOOPBACK_IPV4, port });
      client.send(Buffer.from('lost'));
      poll(client, 'dataAvailable', SOON);
      expect(() => client.receive()).toThrow(
        expect.objectContaining({ code: 'ECONNREFUSED', message: 'recvmsg ECONNREFUSED' }),
      );
      expect(client.receive()).toBeNull();
      using again = bindUdp({ port });
      client.send(Buffer.from('found'));
      poll(again, 'dataAvailable', SOON);
      expect(again.receive()!.bytes.toString()).toBe('found');
    },
  );

  test('refuses a port that another has, unless both share it', () => {
    using first = bindUdp();
    const { port } = addressOf(first);
    expect(() => bindUdp({ port })).toThrow(`bind EADDRINUSE 127.0.0.1:${port}`);
    using shared = bindUdp({ reuseAddress: true });
    using sharing = bindUdp({ port: shared.localPort!, reuseAddress: true });
    expect(sharing.localPort).toBe(shared.localPort);
  });

  testWhere(capabilities().features.dropCounts, 'the system tells of no drops')(
    'says how many messages the system dropped before one',
    () => {
      using server = bindUdp({ receiveBufferSize: 4096 });
      using client = connectUdp(addressOf(server));
      for (let i = 0; i < 100; i++) client.send(Buffer.alloc(1000));
      let received = 0;
      while (server.receive()) received++;
      expect(received).toBeLessThan(100);
      client.send(Buffer.from('after'));
      client.send(Buffer.from('another'));
      poll(server, 'dataAvailable', SOON);
      expect(server.receive()).toMatchObject({
        bytes: Buffer.from('after'),
        dropped: 100 - received,
      });
      expect(server.receive()).toMatchObject({ bytes: Buffer.from('another'), dropped: 0 });
    },
  );

  test('joins a group by an interface, hears what is sent to it, and leaves it', () => {
    const group = '239.255.41.7';
    using member = bindUdp({ host: ANY_IPV4, reuseAddress: true });
    using sender = bindUdp();
    member.addMembership(group, LOOPBACK_IPV4);
    sender.setMulticastInterface(LOOPBACK_IPV4);
    sender.setMulticastLoopback(true);
    sender.setMulticastTTL(0);
    const to = { host: group, port: member.localPort! };
    sender.send(Buffer.from('to all'), to);
    poll(member, 'dataAvailable', SOON);
    expect(member.receive()!.bytes.toString()).toBe('to all');
    member.dropMembership(group, LOOPBACK_IPV4);
    expect(() => {
      member.dropMembership(group, LOOPBACK_IPV4);
    }).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(EADDRNOTAVAIL|EINVAL)$/) }),
    );
    sender.send(Buffer.from('to nobody'), to);
    sender.send(Buffer.from('alone'), { host: LOOPBACK_IPV4, port: member.localPort! });
    poll(member, 'dataAvailable', SOON);
    expect(member.receive()!.bytes.toString()).toBe('alone');
  });

  test('sends to a broadcast address only if it may', () => {
    using socket = bindUdp({ host: ANY_IPV4 });
    const to = { host: '127.255.255.255', port: socket.localPort! };
    expect(() => socket.send(Buffer.from('x'), to)).toThrow(failing('EACCES'));
    socket.setBroadcast(true);
    expect(socket.send(Buffer.from('to all'), to)).toBe(true);
    poll(socket, 'dataAvailable', SOON);
    expect(socket.receive()!.bytes.toString()).toBe('to all');
    socket.setTTL(1);
  });

  test('refuses wrong arguments before any system call', () => {
    using bound = bindUdp();
    using connected = connectUdp(addressOf(bound));
    const bytes = Buffer.from('x');
    const calls: [string, () => unknown][] = [
      ['ERR_INVALID_ARG_VALUE', () => bindUdp({ host: 'localhost' })],
      ['ERR_OUT_OF_RANGE', () => bindUdp({ port: 65_536 })],
      ['ERR_INVALID_ARG_VALUE', () => bindUdp({ prot: 1 } as object)],
      ['ERR_INVALID_ARG_TYPE', () => connectUdp({ port: 1 } as never)],
      ['ERR_INVALID_ARG_VALUE', () => bound.send(bytes)],
      ['ERR_INVALID_ARG_VALUE', () => connected.send(bytes, addressOf(bound))],
      ['ERR_INVALID_ARG_TYPE', () => bound.send('x' as never, addressOf(bound))],
      ['ERR_INVALID_ARG_VALUE', () => bound.send(bytes, { host: 'localhost', port: 1 })],
      ['ERR_OUT_OF_RANGE', () => bound.receive({ maxBytes: 0 })],
      ['ERR_INVALID_ARG_VALUE', () => (bound.addMembership('group'), 0)],
      ['ERR_OUT_OF_RANGE', () => (bound.setTTL(0), 0)],
      ['ERR_INVALID_ARG_TYPE', () => (bound.setBroadcast(1 as never), 0)],
      ['EINVAL', () => (bound.addMembership('10.0.0.1'), 0)],
      ['EINVAL', () => (bound.addMembership('ff02::1'), 0)],
    ];
    for (const [code, call] of calls) expect(call).toThrow(failing(code));
  });
});
