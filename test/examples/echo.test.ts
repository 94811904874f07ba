import { randomBytes } from 'node:crypto';
import { capabilities, Poller } from 'bipoll';
import { connect, readExactly } from 'bipoll/sync';
import { EchoServer } from '../../examples/echo-server';
import { outputOf, startExample, untilServed } from '../support/example';
import { freshPath } from '../support/freshPath';
import { transports } from '../support/transports';

describe.each(capabilities().backends)('the echo server on %s', (backend) => {
  test.each(transports)(
    'serves many clients at once over $name, slow ones among them',
    (transport) => {
      using server = transport.listen();
      using poller = new Poller({ backend });
      const echo = new EchoServer(server, poller);
      const clients = Array.from({ length: 20 }, () => ({
        socket: transport.connectTo(server),
        sent: randomBytes(300_000),
        written: 0,
        received: [] as Buffer[],
        got: 0,
      }));
      const buffer = Buffer.alloc(100_000);
      // Half of them read nothing at first: neither the others nor the server's memory suffer.
      for (let turn = 0; clients.some(({ got, sent }) => got < sent.length); turn++) {
        for (const [i, client] of clients.entries()) {
          client.written += client.socket.write(client.sent, { start: client.written });
          if (i % 2 === 0 && turn < 50) continue;
          const got = client.socket.read(buffer) ?? 0;
          client.received.push(Buffer.from(buffer.subarray(0, got)));
          client.got += got;
        }
        echo.turn(0);
      }
      for (const { socket, sent, received } of clients) {
        expect(Buffer.concat(received).equals(sent)).toBe(true);
        socket.close();
      }
      while (poller.monitoredSockets.length > 1) echo.turn(1000);
    },
  );
});

test('the programs talk to each other over a local socket', async () => {
  const path = freshPath();
  const server = startExample('echo-server', ['--path', path]);
  untilServed({ path });
  using client = connect({ path }, { timeout: 1000 });
  client.write(Buffer.from('direct'));
  expect(readExactly(client, 6, { timeout: 1000 }).toString()).toBe('direct');
  const output = await outputOf(startExample('echo-client', ['--path', path, 'hello', 'wörld']));
  expect(output).toBe('hello\nwörld\n');
  server.kill();
}, 20_000);

test('the demo runs to its end', async () => {
  const output = await outputOf(startExample('demo', []));
  expect(output).toMatch(/TCP +echoed: hello/);
  expect(output).toMatch(/local socket +echoed: hello/);
  expect(output).toMatch(/nothing is lost: half a line/);
  for (const backend of capabilities().backends) {
    expect(output).toContain(`${backend}: 100 of 100 clients`);
  }
}, 20_000);
