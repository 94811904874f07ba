import { connectTcp, listenTcp, Poller, socketPair } from 'bipoll';
import { poll } from 'bipoll/sync';

test('bytes go from a client to the connection that the server accepted', () => {
  using server = listenTcp({ port: 0 });
  using client = connectTcp({ host: server.host, port: server.port });
  expect(poll(server, 'connectionAvailable', 1000)).toBe('connectionAvailable');
  using remote = server.accept();
  expect(poll(client, ['determined', 'connectionSucceeded', 'connectionFailed'], 1000)).toEqual([
    'determined',
    'connectionSucceeded',
  ]);
  client.write(Buffer.from('hello'));
  expect(poll(remote, 'dataAvailable', 1000)).toBe('dataAvailable');
  const buffer = Buffer.alloc(10);
  expect(remote.read(buffer)).toBe(5);
  expect(remote.read(buffer)).toBe(0);
  client.close();
  expect(poll(remote, 'remoteDisconnected', 1000)).toBe('remoteDisconnected');
  expect(remote.read(buffer)).toBeNull();
});

test.each(['epoll', 'poll'] as const)('a %s poller reports what is monitored', (backend) => {
  using poller = new Poller({ backend });
  const [left, right] = socketPair();
  poller.monitor(right, 'dataAvailable');
  expect(poller.wait(0)).toEqual([]);
  left.write(Buffer.from('x'));
  expect(poller.wait(1000)).toEqual([{ socket: right, events: ['dataAvailable'] }]);
  right.close();
  expect(poller.monitoredSockets).toEqual([]);
  left.close();
});
