// What bipoll does, in a few seconds: `npm run demo`.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { count, filter, lastValueFrom, mergeMap, range, take } from 'rxjs';
import {
  capabilities,
  connectLocal,
  listenLocal,
  LocalStream,
  Poller,
  socketPair,
  type StreamSocket,
  TcpServer,
} from 'bipoll';
import { lines } from 'bipoll/framing';
import { connect as connectTo, decode, listen as startListening } from 'bipoll/reactive';
import { accept, connect, readExactly, readSome, readUntil, writeAll } from 'bipoll/sync';
import { listen, type Target } from './arguments';
import { echo } from './echo-client';
import { EchoServer } from './echo-server';
import { echo as echoService } from './reactive/echo';

const ROUND_TRIPS = 2000;
const CLIENTS = 100;
const options = { timeout: 5000 };

function say(topic: string, text: string): void {
  console.log(`${topic.padEnd(14)}${text}`);
}

/** The echo server, in a process of its own: serves one client, from top to bottom. */
function serve(wanted: Target): void {
  using server = listen(wanted);
  const target = server instanceof TcpServer ? { host: server.host, port: server.port } : wanted;
  process.send!(target); // the port is known only now
  using socket = accept(server, options);
  for (let bytes; (bytes = readSome(socket, options));) writeAll(socket, bytes, options);
}

async function showBlocking(name: string, wanted: Target): Promise<void> {
  const server = fork(__filename, [JSON.stringify(wanted)]);
  const ended = once(server, 'exit');
  const [target] = (await once(server, 'message')) as [Target];
  {
    using socket = connect(target, options);
    say(name, `echoed: ${echo(socket, 'hello')}`);
    const microseconds = (medianRoundTrip(socket) * 1000).toFixed(1);
    say(name, `${microseconds} us for 64 bytes there and back, the median of ${ROUND_TRIPS}`);
    if (socket instanceof LocalStream) {
      const peer = socket.peerCredentials();
      say(
        name,
        `the peer is process ${peer?.pid ?? '(unknown)'} of user ${peer?.uid ?? '(unknown)'}`,
      );
    }
  } // the socket is closed here, and so the server has its end
  await ended;
}

/** In milliseconds. */
function medianRoundTrip(socket: StreamSocket): number {
  const message = Buffer.alloc(64, 'x');
  const times = Float64Array.from({ length: ROUND_TRIPS }, () => {
    const started = performance.now();
    writeAll(socket, message, options);
    readExactly(socket, message.length, options);
    return performance.now() - started;
  });
  return times.sort()[ROUND_TRIPS / 2]!;
}

function showTimeout(): void {
  const [left, right] = socketPair();
  writeAll(left, 'half a li', options);
  try {
    readUntil(right, '\n', { timeout: 20 });
  } catch (error) {
    say('timeout', String(error));
  }
  writeAll(left, 'ne\n', options);
  say('timeout', `nothing is lost: ${readUntil(right, '\n', options).toString().trim()}`);
  left.close();
  right.close();
}

function showPollers(path: string): void {
  for (const backend of capabilities().backends) {
    using poller = new Poller({ backend });
    using server = listenLocal({ path });
    const echoServer = new EchoServer(server, poller);
    // One thread is server and clients here, so it must not block for what it has not done yet.
    const clients = Array.from({ length: CLIENTS }, () => connectLocal({ path }));
    while (!clients.every((client) => client.connectionSucceeded())) echoServer.turn(10);
    for (const [i, client] of clients.entries()) writeAll(client, `client ${i}\n`, options);
    while (!clients.every((client) => client.dataAvailable())) echoServer.turn(10);
    const served = clients.filter(
      (client, i) => readUntil(client, '\n', options).toString() === `client ${i}\n`,
    );
    say(
      'Poller',
      `${backend}: ${served.length} of ${CLIENTS} clients served by one loop in one thread`,
    );
    for (const client of clients) client.close();
    while (poller.monitoredSockets.length > 1) echoServer.turn(10);
  }
}

/** The other style over the same engine: a service, its clients, and what happens if one of them does not read. */
async function showObservables(path: string): Promise<void> {
  const serving = echoService(startListening({ path })).subscribe();
  const client = (i: number) =>
    connectTo({ path }).pipe(
      mergeMap((connection) => {
        connection.write(`client ${i}\n`);
        return connection.data$.pipe(decode(lines()), take(1));
      }),
      take(1),
    );
  const replies = await lastValueFrom(
    range(0, CLIENTS).pipe(
      mergeMap((i) => client(i).pipe(filter((reply) => reply === `client ${i}`))),
      count(),
    ),
  );
  say('Observables', `${replies} of ${CLIENTS} clients served by the event loop`);

  let handedOver = 0;
  const mebibyte = Buffer.alloc(2 ** 20);
  const sending = connectTo({ path }, { closeTimeout: 0 })
    .pipe(mergeMap((connection) => connection.send(Array<Buffer>(1000).fill(mebibyte))))
    .subscribe((bytes) => (handedOver = bytes));
  await setTimeout(200);
  sending.unsubscribe();
  serving.unsubscribe();
  const megabytes = Math.round(handedOver / 2 ** 20);
  say(
    'Observables',
    `a client that does not read could send ${megabytes} of 1000 MiB, and had to wait`,
  );
}

/** Where a local socket can be: on Windows these are pipes, which are in no directory. */
function localPath(directory: string, name: string): string {
  return process.platform === 'win32'
    ? `\\\\.\\pipe\\bipoll-demo-${process.pid}-${name}`
    : join(directory, `${name}.sock`);
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bipoll-demo-'));
  try {
    await showBlocking('TCP', { host: '127.0.0.1', port: 0 });
    await showBlocking('local socket', { path: localPath(directory, 'echo') });
    showTimeout();
    showPollers(localPath(directory, 'many'));
    await showObservables(localPath(directory, 'service'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (require.main === module) {
  const [wanted] = process.argv.slice(2);
  if (wanted === undefined) void main();
  else serve(JSON.parse(wanted) as Target);
}
