import { connectTcp, listenTcp, LOOPBACK_IPV4, LOOPBACK_IPV6, SocketClosedError } from 'bipoll';
import { accept, connect, readSome, writeAll } from 'bipoll/sync';
import { PATIENCE } from '../support/patience';
import { canReadTcpOptions, tcpOptions } from '../support/tcpOptions';
import { describeWhere, isLinux, testWhere } from '../support/where';

const limit = { timeout: PATIENCE };

describe.each([LOOPBACK_IPV4, LOOPBACK_IPV6])('of a connection to %s', (host) => {
  test('each number is one that can be, or null where the system does not tell', () => {
    using server = listenTcp({ host, port: 0 });
    using stream = connect({ host, port: server.port }, limit);
    const information = stream.information();
    expect(Object.keys(information).sort()).toEqual([
      'congestionWindow',
      'receiveBufferSize',
      'retransmissions',
      'roundTripTime',
      'roundTripTimeVariation',
      'segmentSize',
      'sendBufferSize',
      'unacknowledgedBytes',
      'unsentBytes',
    ]);
    for (const number of Object.values(information) as unknown[]) {
      if (number === null) continue;
      expect(number).toBeGreaterThanOrEqual(0);
    }
  });

  testWhere(isLinux, 'Wine tells nothing of this, others were not tried')(
    'the round-trip time is of the size that a way to ourselves has, in milliseconds',
    () => {
      using server = listenTcp({ host, port: 0 });
      using stream = connect({ host, port: server.port }, limit);
      using peer = accept(server, limit);
      writeAll(stream, 'there and back', limit);
      readSome(peer, limit);
      const { roundTripTime, roundTripTimeVariation } = stream.information();
      expect(roundTripTime).toBeGreaterThan(0);
      expect(roundTripTime).toBeLessThan(PATIENCE);
      expect(roundTripTimeVariation).toBeGreaterThan(0);
      expect(roundTripTimeVariation).toBeLessThan(PATIENCE);
    },
  );

  describeWhere(isLinux, 'only Linux tells which bytes were never sent')('of bytes', () => {
    test('what the peer has no room for is unsent, and counted as unacknowledged', () => {
      using server = listenTcp({ host, port: 0, receiveBufferSize: 4096 });
      using stream = connect({ host, port: server.port }, limit);
      using peer = accept(server, limit);
      expect(stream.information()).toMatchObject({ unacknowledgedBytes: 0, unsentBytes: 0 });
      const chunk = Buffer.alloc(65_536);
      let written = 0;
      for (let taken = 1; taken > 0; written += taken) taken = stream.write(chunk);
      const { unacknowledgedBytes, unsentBytes } = stream.information();
      expect(unsentBytes).toBeGreaterThan(0);
      expect(unacknowledgedBytes).toBeGreaterThanOrEqual(unsentBytes!);
      expect(unacknowledgedBytes).toBeLessThanOrEqual(written);
      expect(peer.dataAvailable()).toBe(true);
    });

    test('nothing was sent again on a way that loses nothing', () => {
      using server = listenTcp({ host, port: 0 });
      using stream = connect({ host, port: server.port }, limit);
      expect(stream.information()).toMatchObject({
        retransmissions: 0,
        congestionWindow: expect.any(Number) as number,
        segmentSize: expect.any(Number) as number,
      });
    });
  });
});

testWhere(canReadTcpOptions, 'only on Linux can the test ask the system for them')(
  'its buffers are as large as the system has made them',
  () => {
    using server = listenTcp({ port: 0 });
    const { host, port } = server;
    using stream = connectTcp({ host, port, receiveBufferSize: 30_000, sendBufferSize: 20_000 });
    const { receiveBufferSize, sendBufferSize } = tcpOptions(stream.fd);
    expect(stream.information()).toMatchObject({ receiveBufferSize, sendBufferSize });
    expect(receiveBufferSize).toBe(60_000);
  },
);

testWhere(isLinux, 'only Linux is known to say so')(
  'there is no round-trip time before the peer has answered',
  () => {
    using stream = connectTcp({ host: '192.0.2.1', port: 9, localAddress: '127.0.0.1' });
    expect(stream.information()).toMatchObject({ roundTripTime: null });
  },
);

test('a closed stream has none', () => {
  using server = listenTcp({ port: 0 });
  const stream = connectTcp({ host: server.host, port: server.port });
  stream.close();
  expect(() => stream.information()).toThrow(SocketClosedError);
});
