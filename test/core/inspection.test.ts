import { inspect } from 'node:util';
import { Descriptor, listenLocal, listenTcp, Poller, socketPair } from 'bipoll';
import { accept, connect } from 'bipoll/sync';
import { freshPath } from '../support/freshPath';

test('a TCP stream that is printed shows its addresses and its state', () => {
  using server = listenTcp({ port: 0 });
  const client = connect(server, { timeout: 5000 });
  const accepted = accept(server, { timeout: 5000 });
  expect(inspect(client)).toContain("state: 'connected'");
  expect(inspect(client)).toContain(`local: '127.0.0.1:${client.localPort}'`);
  expect(inspect(client)).toContain(`remote: '127.0.0.1:${server.port}'`);
  expect(inspect(server)).toContain(`address: '127.0.0.1:${server.port}'`);
  client.close();
  expect(inspect(client)).toBe(`TcpStream { state: 'closed', remote: '127.0.0.1:${server.port}' }`);
  accepted.close();
});

test('a local server, its streams and a poller show what tells them from others', () => {
  using server = listenLocal({ path: freshPath() });
  using client = connect({ path: server.path }, { timeout: 5000 });
  using poller = new Poller();
  poller.monitor(server, 'connectionAvailable');
  const path = inspect(server.path);
  expect(inspect(server)).toContain(`path: ${path}`);
  expect(inspect(client)).toContain(`path: ${path}`);
  expect(inspect(poller)).toContain('monitoredSockets: 1');
  expect(inspect({ a: { b: { c: { client } } } })).toContain('[Object]');
  expect(inspect([[[client]]])).toContain('[LocalStream]');
});

test('what is closed, and a Proxy, can be printed all the same', () => {
  const [left, right] = socketPair();
  const poller = new Poller();
  const proxied = new Proxy(left, {});
  expect(inspect(proxied)).toBe('[Proxy of LocalStream]');
  for (const each of [left, right, poller]) each.close();
  expect(inspect(left)).toBe("LocalStream { state: 'closed' }");
  expect(inspect(poller)).toContain("state: 'closed'");
  expect(inspect(Descriptor.prototype)).toEqual(expect.any(String));
});
