// What bipoll does, in a few seconds: `npm run demo`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  capabilities,
  listenLocal,
  LocalStream,
  listenTcp,
  Poller,
  type StreamServer,
  type StreamSocket,
  socketPair,
} from 'bipoll';
import { connect, readExactly, readUntil, writeAll } from 'bipoll/sync';
import { echo } from './echo-client';
import { EchoServer } from './echo-server';

const ROUND_TRIPS = 2000;

function say(topic: string, text: string): void {
  console.log(`${topic.padEnd(14)}${text}`);
}

/** A peer in a thread of its own, blocking like this one: echoes what one client sends. */
function startEchoPeer(target: object): Worker {
  return new Worker(
    `const { connect, readSome, writeAll } = require('bipoll/sync');
     const socket = connect(require('node:worker_threads').workerData, { timeout: 1000 });
     for (let bytes; (bytes = readSome(socket, { timeout: Infinity })); )
       writeAll(socket, bytes, { timeout: 1000 });
     socket.close();`,
    { eval: true, workerData: target },
  );
}

function acceptFrom(server: StreamServer): StreamSocket {
  using poller = new Poller();
  poller.monitor(server, 'connectionAvailable');
  poller.wait(5000);
  return server.accept();
}

function medianRoundTrip(socket: StreamSocket): number {
  const message = Buffer.alloc(64, 'x');
  const times = Float64Array.from({ length: ROUND_TRIPS }, () => {
    const started = performance.now();
    writeAll(socket, message, { timeout: 1000 });
    readExactly(socket, message.length, { timeout: 1000 });
    return performance.now() - started;
  });
  return times.sort()[ROUND_TRIPS / 2]!;
}

async function showBlocking(name: string, server: StreamServer, target: object): Promise<void> {
  const peer = startEchoPeer(target);
  const ended = new Promise((resolve) => peer.once('exit', resolve));
  const socket = acceptFrom(server);
  say(name, `echoed: ${echo(socket, 'hello')}`);
  const microseconds = (medianRoundTrip(socket) * 1000).toFixed(1);
  say(name, `${microseconds} us for 64 bytes there and back, the median of ${ROUND_TRIPS}`);
  if (socket instanceof LocalStream) {
    say(name, `the peer is ${JSON.stringify(socket.peerCredentials())}`);
  }
  socket.close();
  await ended;
}

function showTimeout(): void {
  const [left, right] = socketPair();
  left.write(Buffer.from('half a li'));
  try {
    readUntil(right, '\n', { timeout: 20 });
  } catch (error) {
    say('timeout', String(error));
  }
  left.write(Buffer.from('ne\n'));
  say('timeout', `nothing is lost: ${readUntil(right, '\n', { timeout: 20 }).toString().trim()}`);
  left.close();
  right.close();
}

function showPollers(path: string): void {
  for (const backend of capabilities().backends) {
    using poller = new Poller({ backend });
    using server = listenLocal({ path });
    const echoServer = new EchoServer(server, poller);
    const clients = Array.from({ length: 100 }, () => connect({ path }, { timeout: 1000 }));
    clients.forEach((client, i) => {
      writeAll(client, `client ${i}\n`, { timeout: 1000 });
    });
    while (!clients.every((client) => client.dataAvailable())) echoServer.turn(10);
    const replies = clients.map((client) => readUntil(client, '\n', { timeout: 1000 }).toString());
    const right = replies.filter((reply, i) => reply === `client ${i}\n`).length;
    say(`Poller`, `${backend}: ${right} of 100 clients served by one loop in this thread`);
    for (const client of clients) client.close();
    while (poller.monitoredSockets.length > 1) echoServer.turn(10);
  }
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bipoll-demo-'));
  try {
    using tcp = listenTcp({ port: 0 });
    await showBlocking('TCP', tcp, { host: tcp.host, port: tcp.port });
    using local = listenLocal({ path: join(directory, 'echo.sock') });
    await showBlocking('local socket', local, { path: local.path });
    showTimeout();
    showPollers(join(directory, 'many.sock'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (require.main === module) void main();
