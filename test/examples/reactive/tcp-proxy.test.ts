import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { connect } from 'bipoll/reactive';
import { type Passed, proxy } from '../../../examples/reactive/tcp-proxy';
import { slices } from '../../support/Pair';
import { atRest } from '../../support/settled';
import { until } from '../../support/until';
import { ReadCount } from './ReadCount';
import { reset, Service, untilEnd } from './Service';
import { freePort } from '../../support/freePort';

describe('the TCP proxy', () => {
  let server: net.Server;
  let service: Service<Passed>;
  let served: net.Socket[];
  beforeEach(async () => {
    served = [];
    server = net.createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined);
      served.push(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    service = proxyTo((server.address() as net.AddressInfo).port);
  });
  afterEach(() => {
    service.stop();
    for (const socket of served) socket.destroy();
    server.close();
  });

  function proxyTo(port: number): Service<Passed> {
    const upstream$ = connect({ host: '127.0.0.1', port }, { allowHalfOpen: true });
    return new Service({ port: 0 }, (clients$) => proxy(clients$, upstream$), {
      allowHalfOpen: true,
    });
  }

  /** Both ends of one connection through the proxy. */
  async function ends(): Promise<{ client: net.Socket; upstream: net.Socket }> {
    const before = served.length;
    const client = await service.client();
    await until(() => served.length > before, 'connecting upstream');
    return { client, upstream: served[before]! };
  }

  test('passes megabytes both ways at once, for many clients', async () => {
    server.on('connection', (socket: net.Socket) => socket.pipe(socket));
    const sent = Array.from({ length: 10 }, () => randomBytes(3_000_000));
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    const received = await Promise.all(
      sent.map(async (bytes) => {
        const client = await service.client();
        client.end(bytes);
        return untilEnd(client);
      }),
    );
    expect(received.map(hash)).toEqual(sent.map(hash));
    await until(() => service.emitted.length === 10, 'the ends');
    expect(service.emitted[0]).toEqual({ sent: 3_000_000, received: 3_000_000 });
    await service.untilLeft();
  });

  test('passes an end on, and then what is answered to it', async () => {
    const { client, upstream } = await ends();
    client.end('question');
    expect(String(await untilEnd(upstream))).toBe('question');
    upstream.end('answer');
    expect(String(await untilEnd(client))).toBe('answer');
  });

  test('passes an end of the server on, and then what the client still says', async () => {
    const { client, upstream } = await ends();
    upstream.end('goodbye');
    expect(String(await untilEnd(client))).toBe('goodbye');
    client.end('one thing more');
    expect(String(await untilEnd(upstream))).toBe('one thing more');
  });

  test.each(['client', 'upstream'] as const)(
    'holds who sends back while the %s does not read',
    async (who) => {
      using count = new ReadCount();
      const both = await ends();
      const [slow, fast] =
        who === 'client' ? [both.client, both.upstream] : [both.upstream, both.client];
      const bytes = randomBytes(48_000_000);
      // Not too many pieces, as node:net sends all at once, and Wine refuses more than 1024.
      for (const slice of slices(bytes, 100_000)) fast.write(slice);
      fast.end();
      await until(() => count.bytes > 0, 'reading');
      expect(await atRest(() => count.bytes)).toBeLessThan(bytes.length / 2);
      expect((await untilEnd(slow)).equals(bytes)).toBe(true);
    },
  );

  test.each(['client', 'upstream'] as const)(
    'if the %s vanishes, the other side gets what came before and a reset, and the rest goes on',
    async (who) => {
      const both = await ends();
      const [gone, other] =
        who === 'client' ? [both.client, both.upstream] : [both.upstream, both.client];
      gone.write('last words');
      other.once('data', () => {
        reset(gone);
      });
      const heard: Buffer[] = [];
      other.on('data', (chunk: Buffer) => heard.push(chunk));
      const [error] = (await once(other, 'error')) as [NodeJS.ErrnoException];
      expect(String(Buffer.concat(heard))).toBe('last words');
      expect(error.code).toBe('ECONNRESET');
      await service.untilLeft();
      const next = await ends();
      next.client.end('next');
      expect(String(await untilEnd(next.upstream))).toBe('next');
      expect(service.ended).toBeUndefined();
    },
  );

  test('passes on what the server said before it left, though the client goes on sending', async () => {
    const { client, upstream } = await ends();
    const ended = untilEnd(client);
    const timer = setInterval(() => client.write('more and more'), 1);
    upstream.end('413 Too Large');
    expect(String(await ended)).toBe('413 Too Large');
    upstream.destroy(); // no earlier: its reset might overtake what it has said
    clearInterval(timer);
    client.end();
    await service.untilLeft();
  });

  test('closes a client for whom no server is there, and goes on', async () => {
    service.stop();
    service = proxyTo(freePort());
    for (let i = 0; i < 2; i++) {
      expect(await untilEnd(await service.client())).toHaveLength(0);
    }
    expect(service.ended).toBeUndefined();
  });
});
