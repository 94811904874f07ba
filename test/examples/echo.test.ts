import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { capabilities, Poller } from 'bipoll';
import { connect, poll, readExactly, writeAll } from 'bipoll/sync';
import { EchoServer } from '../../examples/echo-server';
import { outputOf, startExample } from '../support/example';
import { freshPath } from '../support/freshPath';
import { PATIENCE } from '../support/patience';
import { exitOf } from '../support/script';
import { transports } from '../support/transports';
import { isWindows, testWhere } from '../support/where';
import { stop, untilSaid } from './peers';

const { backends } = capabilities();

describe.each(backends)('the echo server on %s', (backend) => {
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

  describe.each(transports)('over $name', (transport) => {
    const owes = ({ poller }: EchoServer) =>
      poller.monitoredSockets.some((each) => poller.monitoredEvents(each).includes('readyToWrite'));

    /** A client that has sent, and read nothing, until neither it nor the server could write any more. */
    function stuckClient(echo: EchoServer) {
      const socket = transport.connectTo(echo.server);
      poll(socket, 'connectionSucceeded', 1000);
      const bytes = Buffer.alloc(256 * 1024);
      let sent = 0;
      // TCP opens its window in steps: stuck is who is owed something and does not get on.
      for (let stuckTurns = 0; stuckTurns < 3;) {
        const taken = socket.write(bytes);
        sent += taken;
        echo.turn(taken > 0 ? 0 : 10);
        stuckTurns = taken === 0 && owes(echo) ? stuckTurns + 1 : 0;
      }
      return { socket, sent };
    }

    test('does not read from a client that does not read, however long it sends', () => {
      using server = transport.listen();
      using poller = new Poller({ backend });
      // It comes to an end at all: the server would take in everything otherwise.
      const { socket, sent } = stuckClient(new EchoServer(server, poller));
      expect(sent).toBeLessThan(64 * 1024 * 1024); // what the system holds, and one chunk
      socket.close();
      for (const each of poller.monitoredSockets) each.close();
    });

    test('lets go of a client that vanishes while it is owed something', () => {
      using server = transport.listen();
      using poller = new Poller({ backend });
      const echo = new EchoServer(server, poller);
      stuckClient(echo).socket.close();
      for (let turns = 0; poller.monitoredSockets.length > 1; turns++) {
        expect(turns).toBeLessThan(10);
        echo.turn(1000);
      }
    });

    const withHalfClose = testWhere(transport.hasHalfClose, 'a pipe has no half-close');
    withHalfClose('waits in peace for a half-closed client to take what it is owed', () => {
      using server = transport.listen();
      using poller = new Poller({ backend });
      const echo = new EchoServer(server, poller);
      const { socket, sent } = stuckClient(echo);
      socket.shutdown();
      echo.turn(1000); // hears of it
      expect(poller.wait(20)).toEqual([]);
      const buffer = Buffer.alloc(256 * 1024);
      let received = 0;
      while (received < sent) {
        received += socket.read(buffer) ?? 0;
        echo.turn(0);
      }
      while (poller.monitoredSockets.length > 1) echo.turn(1000);
      expect(received).toBe(sent);
      socket.close();
    });
  });
});

describe.each(['--port', '--path'])('the echo programs with %s', (option) => {
  let server: ChildProcess;
  let where: string[];
  beforeEach(async () => {
    server = startExample('echo-server', [option, option === '--port' ? '0' : freshPath()]);
    const address = /listening on (.*)\n/.exec(await untilSaid(server, /listening on .*\n/))![1]!;
    where = [option, address.replace(/^127.0.0.1 /, '')];
  });
  afterEach(() => stop(server));

  test('talk to each other: lines of the arguments', async () => {
    const client = startExample('echo-client', [...where, 'hello ', 'wörld']);
    expect(await outputOf(client)).toBe('hello \nwörld\n');
  });

  const withDescriptors = testWhere(!isWindows, 'there are no descriptors on Windows');
  withDescriptors('talk to each other: lines of stdin', async () => {
    const client = startExample('echo-client', where, ['pipe', 'pipe', 'inherit']);
    // Each reply comes before the next line is typed, and the last one has no newline.
    client.stdin!.write('first\n');
    expect(await untilSaid(client, /\n/)).toBe('first\n');
    client.stdin!.end('second\nthird');
    expect(await outputOf(client)).toBe('second\nthird\n');
  });
});

const withFiles = testWhere(!isWindows, 'a pipe has no file');
withFiles(
  'a server that was killed leaves a socket file, which the next one takes over',
  async () => {
    const path = freshPath();
    const killed = startExample('echo-server', ['--path', path]);
    await untilSaid(killed, /listening/);
    await stop(killed);
    expect(existsSync(path)).toBe(true);
    const next = startExample('echo-server', ['--path', path]);
    await untilSaid(next, /listening/);
    using client = connect({ path }, { timeout: PATIENCE });
    writeAll(client, 'again', { timeout: PATIENCE });
    expect(readExactly(client, 5, { timeout: PATIENCE }).toString()).toBe('again');
    await stop(next);
  },
);

test('a program that is not told where prints its usage', async () => {
  const program = startExample('echo-server', [], ['ignore', 'pipe', 'pipe']);
  const exit = exitOf(program);
  await untilSaid(program, /usage: echo-server/, 'stderr');
  expect(await exit).toBe(2);
});

test('the demo runs to its end', async () => {
  const demo = startExample('demo', []);
  const exit = exitOf(demo);
  const output = await outputOf(demo);
  expect(output).toMatch(/TCP +echoed: hello/);
  expect(output).toMatch(/local socket +echoed: hello/);
  expect(output).toMatch(/nothing is lost: half a line/);
  for (const backend of backends) expect(output).toContain(`${backend}: 100 of 100 clients`);
  expect(output).toMatch(/Observables +100 of 100 clients/);
  expect(await exit).toBe(0);
});
