import { once } from 'node:events';
import * as net from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createConnection } from 'bipoll/streams';
import { freshPath } from '../../support/freshPath';
import { until } from '../../support/until';
import { isWindows, testWhere } from '../../support/where';
import { record, told, type Trace, wires } from './sides';
import { freePort } from '../../support/freePort';

type Connect = (target: net.NetConnectOpts) => net.Socket;

const byNet: Connect = (target) => net.createConnection(target);
const byBipoll: Connect = (target) =>
  createConnection(target as { path: string }) as unknown as net.Socket;

/** Plays the same with both. @returns the two traces */
async function both(
  play: (connect: Connect, trace: Trace) => Promise<unknown>,
): Promise<{ net: Trace; bipoll: Trace }> {
  const traces = { net: [] as Trace, bipoll: [] as Trace };
  await play(byNet, traces.net);
  await play(byBipoll, traces.bipoll);
  return traces;
}

const closed = (stream: net.Socket) =>
  new Promise((resolve) => {
    stream.once('close', resolve);
  });

test('refuses bad targets and options before it connects', () => {
  const refused = (make: () => unknown, code: string) => {
    expect(make).toThrow(expect.objectContaining({ code }));
  };
  refused(() => createConnection({} as never), 'ERR_INVALID_ARG_TYPE');
  refused(() => createConnection({ port: 1 }, { timeout: -1 }), 'ERR_OUT_OF_RANGE');
  refused(
    () => createConnection({ port: 1 }, { allowHalfOpen: 1 as never }),
    'ERR_INVALID_ARG_TYPE',
  );
  refused(
    () => createConnection({ port: 1 }, { keepAlive: true } as never),
    'ERR_INVALID_ARG_VALUE',
  );
});

describe.each(wires)('a stream that connects over $name does as a net.Socket does', (wire) => {
  let server: net.Server;
  let target: net.NetConnectOpts;
  const received: Promise<Buffer>[] = [];
  beforeEach(async () => {
    received.length = 0;
    server = net.createServer((peer) => {
      peer.on('error', () => undefined);
      received.push(buffer(peer));
    });
    target = await wire.listen(server);
  });
  afterEach(() => {
    server.close();
  });

  test('it is opening, then open', async () => {
    const traces = await both(async (connect, trace) => {
      const stream = connect(target);
      record(stream, trace);
      const { readyState, pending, connecting, bytesRead, bytesWritten, remoteAddress } = stream;
      const before = { readyState, pending, connecting, bytesRead, bytesWritten, remoteAddress };
      trace.push(JSON.stringify([before, stream.address()]));
      await once(stream, 'ready');
      trace.push(`${stream.readyState} ${stream.pending} ${stream.connecting}`);
      stream.destroy();
      await closed(stream);
    });
    expect(traces.bipoll).toEqual(traces.net);
    expect(traces.bipoll).toContain('connect');
  });

  const whereSeen = testWhere(
    !isWindows,
    'under Wine nobody was accepted, which is not understood yet',
  );
  whereSeen('what is written before is sent, and then its end', async () => {
    const traces = await both(async (connect, trace) => {
      const served = received.length;
      const stream = connect(target);
      record(stream, trace);
      stream.setNoDelay().setKeepAlive(true, 1000).ref();
      stream.write('first ', told(trace, 'first'));
      stream.write('second', told(trace, 'second'));
      stream.end(told(trace, 'end'));
      trace.push(`${stream.bytesWritten}`);
      await closed(stream);
      await until(() => received.length > served, 'accepting'); // which may come after all that
      trace.push((await received.at(-1)!).toString());
      // The first write of a net.Socket may be done between 'connect' and 'ready'.
      trace.splice(trace.indexOf('ready'), 1);
    });
    expect(traces.bipoll).toEqual(traces.net);
  });

  test.each([null, Object.assign(new Error('enough'), { code: 'ENOUGH' })])(
    'destroying it at once calls it off (%p)',
    async (error) => {
      const traces = await both(async (connect, trace) => {
        const stream = connect(target);
        record(stream, trace);
        stream.write('never', told(trace, 'write'));
        stream.destroy(error ?? undefined);
        trace.push(`${stream.readyState} ${stream.connecting}`);
        await closed(stream);
      });
      expect(traces.bipoll).toEqual(traces.net);
    },
  );

  test('a driver that calls connect() is told of the connection', async () => {
    const stream = byBipoll(target);
    let calls = 0;
    stream.connect(1, 'nowhere.invalid', () => calls++);
    await until(() => calls === 1);
    stream.connect({ port: 2 }, () => calls++);
    await until(() => calls === 2);
    stream.destroy();
    await closed(stream);
  });
});

test.each<[string, () => net.NetConnectOpts]>([
  ['nobody listens at the port', () => ({ host: '127.0.0.1', port: freePort() })],
  ['nobody listens at the path', () => ({ path: freshPath() })],
])('it fails with an error, and closes, if %s', async (_, where) => {
  const target = where();
  const traces = await both(async (connect, trace) => {
    const stream = connect(target);
    record(stream, trace);
    stream.write('never', told(trace, 'write'));
    await closed(stream);
    trace.push(`${stream.readyState} ${stream.pending}`);
  });
  expect(traces.bipoll).toEqual(traces.net);
  expect(traces.bipoll).toContain('close true');
});

test('it times out while it is connecting, and goes on', async () => {
  const server = net.createServer((peer) => peer.on('error', () => undefined).resume());
  const target = await wires[0]!.listen(server);
  const stream = createConnection(target as { port: number }, { timeout: 5 });
  await once(stream, 'timeout');
  expect(stream.timeout).toBe(5);
  expect(stream.destroyed).toBe(false);
  stream.destroy();
  await once(stream, 'close');
  server.close();
});

test('aborting it is its error', async () => {
  const aborting = new AbortController();
  const stream = createConnection({ path: freshPath() }, { signal: aborting.signal });
  aborting.abort();
  const [error] = (await once(stream, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ABORT_ERR');
});

test('a name is looked up, and each address told before it connects', async () => {
  const server = net.createServer((peer) => peer.on('error', () => undefined).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const traces = await both(async (connect, trace) => {
    const stream = connect({ host: 'localhost', port, family: 4 });
    record(stream, trace);
    stream.on('lookup', (...told: unknown[]) => trace.push(JSON.stringify(told)));
    await once(stream, 'ready');
    stream.destroy();
    await closed(stream);
  });
  server.close();
  expect(traces.bipoll).toEqual(traces.net);
  expect(traces.bipoll[0]).toBe('[null,"127.0.0.1",4,"localhost"]');
});
