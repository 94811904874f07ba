import net from 'node:net';
import { once } from 'node:events';
import { inspect } from 'node:util';
import { firstValueFrom } from 'rxjs';
import * as core from 'bipoll';
import * as framing from 'bipoll/framing';
import * as inspection from 'bipoll/inspect';
import * as reactive from 'bipoll/reactive';
import * as streams from 'bipoll/streams';
import * as sync from 'bipoll/sync';
import * as testing from 'bipoll/testing';
import { freshPath } from '../support/freshPath';
import { pairOfSockets } from '../support/Pair';
import { isWindows, testWhere } from '../support/where';
import { freePort } from '../support/freePort';

type Told = Record<string, unknown>;

const FIELDS = ['message', 'code', 'errno', 'syscall', 'address', 'port', 'hostname'];
const told = (error: unknown): Told =>
  Object.fromEntries(FIELDS.map((name) => [name, (error as Told)[name]]));

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const nodesConnect = async (target: net.NetConnectOpts): Promise<unknown> =>
  (await once(net.connect(target), 'error').catch((error: unknown) => [error]))[0];
const nodesListen = async (options: net.ListenOptions): Promise<unknown> =>
  new Promise((resolve) => net.createServer().on('error', resolve).listen(options));

describe('a failed connect reads as that of node:net', () => {
  const targets: [string, () => core.Where & { host?: string; localAddress?: string }][] = [
    ['over TCP over IPv4', () => ({ host: '127.0.0.1', port: freePort() })],
    ['over TCP over IPv6', () => ({ host: '::1', port: freePort() })],
    ['of a name', () => ({ host: 'no-such-name.invalid', port: 1 })],
    [
      'from an address that is not ours',
      () => ({ host: '127.0.0.1', port: freePort(), localAddress: '192.0.2.1' }),
    ],
    ...(isWindows ? [] : [['at a path', () => ({ path: freshPath() })] as never]),
  ];

  test.each(targets)('%s', async (_, make) => {
    const target = make() as { host: string; port: number };
    const wanted = told(await nodesConnect(target));
    const observed: unknown = await firstValueFrom(reactive.connect(target)).catch(
      (error: unknown) => error,
    );
    expect(told(observed)).toEqual(wanted);
    expect(told(thrownBy(() => sync.connect(target, { timeout: 5000 })))).toEqual(wanted);
  });
});

describe('a failed listen reads as that of node:net', () => {
  test('over TCP', async () => {
    using server = core.listenTcp({ port: 0 });
    const options = { host: server.host, port: server.port };
    expect(told(thrownBy(() => core.listenTcp(options)))).toEqual(told(await nodesListen(options)));
  });

  const whereCodesAgree = testWhere(!isWindows, 'named pipes have other codes');
  // Node gives a path the port -1, which we leave out.
  whereCodesAgree('at a path', async () => {
    using server = core.listenLocal({ path: freshPath() });
    const { path } = server;
    const wanted = { ...told(await nodesListen({ path })), port: undefined };
    expect(told(thrownBy(() => core.listenLocal({ path })))).toMatchObject(wanted);
  });
});

test('a failed read and write say no more than node:net, and know more', async () => {
  const server = core.listenTcp({ port: 0 });
  const client = sync.connect(server, { timeout: 5000 });
  const accepted = sync.accept(server, { timeout: 5000 });
  client.write(Buffer.from('unread'));
  sync.poll(accepted, 'dataAvailable', 5000);
  accepted.close(); // with unread bytes, which resets the connection
  sync.poll(client, 'remoteDisconnected', 5000);
  const error = thrownBy(() => client.read(Buffer.alloc(1)));
  expect(error).toMatchObject({
    message: 'read ECONNRESET',
    syscall: 'read',
    address: server.host,
    port: server.port,
  });
  client.close();
  server.close();
  await Promise.resolve();
});

describe('a timeout says what was waited for, of whom, and what had arrived', () => {
  test.each<[string, (socket: core.StreamSocket) => unknown, RegExp, object]>([
    [
      'readUntil',
      (socket) => sync.readUntil(socket, '\n', { timeout: 5.123456 }),
      /^readUntil ETIMEDOUT.*: no delimiter came within 5\.12 ms, after 4 bytes$/,
      { bytesAvailable: 4 },
    ],
    [
      'readExactly',
      (socket) => sync.readExactly(socket, 8, { timeout: 20.7 }),
      /^readExactly ETIMEDOUT.*: not all of 8 bytes came within 21 ms, after 4 bytes$/,
      { bytesAvailable: 4 },
    ],
    [
      'frames',
      (socket) => sync.frames(socket, framing.lines(), { timeout: 1 }).next(),
      /^frames ETIMEDOUT.*: no whole frame came within 1 ms, after 4 bytes$/,
      { bytesAvailable: 4 },
    ],
    [
      'writeAll',
      (socket) => {
        sync.writeAll(socket, Buffer.alloc(2 ** 26), { timeout: 1 });
      },
      /^writeAll ETIMEDOUT.*: the peer did not take all within 1 ms/,
      {},
    ],
  ])('%s', (_, call, message, fields) => {
    const [left, right] = pairOfSockets();
    right.write(Buffer.from('four'));
    sync.poll(left, 'dataAvailable', 5000);
    const error = thrownBy(() => call(left));
    expect(error).toBeInstanceOf(core.TimeoutError);
    expect(error).toMatchObject({ code: 'ETIMEDOUT', ...fields });
    expect((error as Error).message).toMatch(message);
    left.close();
    right.close();
  });

  test('accept names the server', () => {
    using server = core.listenTcp({ port: 0 });
    const { host: address, port } = server;
    expect(thrownBy(() => sync.accept(server, { timeout: 1 }))).toMatchObject({
      message: `accept ETIMEDOUT ${address}:${port}: nobody connected within 1 ms`,
      address,
      port,
    });
  });
});

describe('every entry point exports the classes that it throws, and they are the same', () => {
  const errors = Object.entries(core).filter(([name]) => name.endsWith('Error'));

  test.each([
    ['bipoll/sync', sync, ['TimeoutError', 'InterruptedError', 'SocketError', 'FramingError']],
    ['bipoll/reactive', reactive, ['TimeoutError', 'SocketError', 'QueueFullError', 'AbortError']],
    ['bipoll/streams', streams, ['SocketError', 'SocketBusyError', 'QueueFullError']],
    ['bipoll/testing', testing, ['SocketError', 'SocketBusyError', 'TimeoutError']],
    ['bipoll/inspect', inspection, ['SocketError', 'StaleSocketError']],
    ['bipoll/framing', framing, ['FramingError']],
  ])('%s', (_, module, names) => {
    const exported = module as Record<string, unknown>;
    for (const name of names) expect([name, typeof exported[name]]).toEqual([name, 'function']);
    for (const [name, value] of errors) {
      if (exported[name] !== undefined)
        expect([name, exported[name] === value]).toEqual([name, true]);
    }
  });
});

test('a printed error shows its fields', () => {
  const port = freePort();
  const error = thrownBy(() => sync.connect({ host: '127.0.0.1', port }, { timeout: 5000 }));
  const text = inspect(error);
  for (const part of [
    'SocketError',
    "code: 'ECONNREFUSED'",
    "syscall: 'connect'",
    `port: ${port}`,
  ]) {
    expect(text).toContain(part);
  }
});
