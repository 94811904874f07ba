import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import {
  firstValueFrom,
  lastValueFrom,
  map,
  mergeMap,
  of,
  type Subscription,
  take,
  tap,
  timer,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { socketPair } from 'bipoll';
import { lines } from 'bipoll/framing';
import {
  type ClientTlsOptions,
  connect,
  type Connection,
  decode,
  fromSocket,
  listen,
  type ListeningAddress,
  openConnection,
  pacedMap,
  serve,
  type ServerTlsOptions,
} from 'bipoll/reactive';
import { virtualConnection } from 'bipoll/testing';
import { startTls, type TlsConnection, type TlsOptions } from 'bipoll/tls';
import { type Identity, makeIdentity } from '../support/certificates';
import { bytesOf, pairOfSockets, slices } from '../support/Pair';
import { exitOf, firstOutput, startScript } from '../support/script';
import { atRest } from '../support/settled';
import { until } from '../support/until';
import { whereInstalled } from '../support/whereInstalled';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const host = '127.0.0.1';

test('refuses bad options', () => {
  const refused = (options: TlsOptions, code: string) => {
    expect(() => startTls(options)).toThrow(expect.objectContaining({ code }));
  };
  refused({ isServer: false }, 'ERR_INVALID_ARG_VALUE');
  refused({ sevrername: 'x' } as never, 'ERR_INVALID_ARG_VALUE');
  refused({ handshakeTimeout: -1 }, 'ERR_OUT_OF_RANGE');
  refused({ isServer: 1 as never }, 'ERR_INVALID_ARG_TYPE');
  refused({ session: 'text' as never }, 'ERR_INVALID_ARG_TYPE');
});

test.each([
  [
    'a client over a local socket without a name',
    () => connect({ path: '/x' }, { tls: {} }),
    "'servername' must say",
  ],
  [
    'a misspelt option',
    () => connect({ port: 1 }, { tls: { sevrername: 'x' } as never }),
    "mean 'servername'",
  ],
  [
    'an option of a server',
    () => connect({ port: 1 }, { tls: { onError: () => 0 } as never }),
    "unknown option 'onError'",
  ],
  [
    'an option of a client',
    () => listen({ port: 0 }, { tls: { servername: 'x' } as never }),
    "unknown option 'servername'",
  ],
  [
    'a callback that is none',
    () => listen({ port: 0 }, { tls: { SNICallback: 'x' } as never }),
    'SNICallback',
  ],
  [
    'a context that is none',
    () => listen({ port: 0 }, { tls: { secureContext: {} } as never }),
    'secureContext',
  ],
  ['a size out of range', () => connect({ port: 1 }, { tls: { minDHSize: 0 } }), 'minDHSize'],
  ['null', () => connect({ port: 1 }, { tls: null as never }), '"tls"'],
  [
    'a side',
    () => listen({ port: 0 }, { tls: { isServer: false } as never }),
    "unknown option 'isServer'",
  ],
  ['no object', () => listen({ port: 0 }, { tls: true as never }), '"tls"'],
  [
    'chunks to borrow',
    () => connect({ port: 1 }, { tls: {}, borrow: true }),
    "cannot be used with 'tls'",
  ],
  [
    'a time for answers',
    () => listen({ port: 0 }, { tls: {}, answerTimeout: 1 }),
    "cannot be used with 'tls'",
  ],
  ['a server without a certificate', () => listen({ port: 0 }, { tls: {} }), "'key' and 'cert'"],
])('`tls` refuses %s', (_, asked, message) => {
  expect(asked).toThrow(message);
});

test('a connection that is closed already is an error, with its reason', () => {
  const failures: unknown[] = [];
  const begin = (reason?: Error) => {
    const [socket, peer] = socketPair();
    const connection = fromSocket(socket);
    connection.close(reason);
    peer.close();
    of(connection)
      .pipe(startTls({ servername: 'x' }))
      .subscribe({ error: (error: unknown) => failures.push(error) });
  };
  const reason = new Error('gone');
  begin();
  begin(reason);
  expect(failures).toEqual([expect.objectContaining({ code: 'ERR_SOCKET_CLOSED' }), reason]);
});

test('gives up a handshake after its time, by the scheduler that it was given', () => {
  const scheduler = new TestScheduler(() => undefined);
  scheduler.run(({ flush }) => {
    const silent = virtualConnection(scheduler, '-');
    const reasons: unknown[] = [];
    of(silent)
      .pipe(startTls({ servername: 'x', handshakeTimeout: 50, scheduler }))
      .subscribe({ error: (error: unknown) => reasons.push(error) });
    scheduler.schedule(() => {
      expect(reasons).toEqual([]);
    }, 49);
    flush();
    expect(reasons).toMatchObject([{ code: 'ETIMEDOUT' }]);
    expect(String(reasons[0])).toContain('not done within 50 ms');
  });
});

whereInstalled('openssl', 'version')('TLS', () => {
  let identity: Identity;
  let other: Identity;
  let service: Subscription | undefined;
  let failures: NodeJS.ErrnoException[];
  beforeAll(() => {
    identity = makeIdentity();
    other = makeIdentity('other.test');
  });
  beforeEach(() => {
    failures = [];
  });
  afterEach(() => {
    service?.unsubscribe();
  });

  /** Serves by a handler. @returns the port */
  async function served(
    handler: (connection: TlsConnection) => unknown,
    options: Partial<ServerTlsOptions> = {},
  ): Promise<number> {
    const address = await new Promise<ListeningAddress>((onListening) => {
      const onError = (error: Error) => failures.push(error);
      service = listen({ port: 0 }, { onListening, tls: { ...identity, onError, ...options } })
        .pipe(serve((connection: TlsConnection) => handler(connection) as Promise<void>))
        .subscribe();
    });
    return (address as { port: number }).port;
  }
  const echo = (connection: Connection) => connection.send(connection.data$);
  const connected = (port: number, options: ClientTlsOptions = {}) =>
    openConnection({ host, port }, { tls: { ca: identity.cert, ...options } });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    '%s: megabytes come back, and the end',
    async (version) => {
      const port = await served(echo, { maxVersion: version });
      const connection = await connected(port);
      expect(connection).toMatchObject({ protocol: version, authorized: true, remotePort: port });
      expect(connection).toMatchObject({ remoteAddress: host, isSessionReused: false });
      expect(connection.peerCertificate?.subject.CN).toBe('localhost');
      const bytes = randomBytes(3_000_000);
      const got = bytesOf(connection);
      await lastValueFrom(connection.send(slices(bytes)));
      connection.end();
      expect(sha256(await got)).toBe(sha256(bytes));
      expect(await firstValueFrom(connection.closed$)).toBeNull();
    },
  );

  test('the options of a connection are those of the secured one', async () => {
    const port = await served(echo);
    const connection = await openConnection(
      { host: 'localhost', port },
      { tls: { ca: identity.cert }, idleTimeout: 50 },
    );
    expect(connection.peerCertificate?.subject.CN).toBe('localhost'); // whom it had to be for
    expect(await firstValueFrom(connection.closed$)).toMatchObject({ code: 'ETIMEDOUT' });
  });

  test('a signal gives up at each moment, and means nothing to what openConnection has made', async () => {
    const port = await served(echo);
    const silent = net.createServer().listen(0, host);
    await once(silent, 'listening');
    const given = { ca: identity.cert };
    const toSilent = { host, port: (silent.address() as net.AddressInfo).port };
    const controller = new AbortController();
    const { signal } = controller;
    const kept = await openConnection({ host, port }, { tls: given, signal });
    const [subscribed$, closed] = [
      connect({ host, port }, { tls: given, signal }),
      [] as unknown[],
    ];
    const shaking = firstValueFrom(connect(toSilent, { tls: given, signal }));
    const [accepted] = (await once(silent, 'connection')) as [net.Socket];
    await new Promise<void>((resolve) => {
      subscribed$.subscribe({
        next(connection) {
          connection.closed$.subscribe((reason) => closed.push(reason));
          resolve();
        },
        error: (error: unknown) => closed.push(error),
      });
    });
    accepted.resume();
    controller.abort();
    await expect(shaking).rejects.toMatchObject({ code: 'ABORT_ERR' });
    await once(accepted, 'close');
    expect(closed).toMatchObject([{ code: 'ABORT_ERR' }, { code: 'ABORT_ERR' }]);
    kept.write('x');
    expect(String(await firstValueFrom(kept.data$))).toBe('x');
    kept.close();
    silent.close();
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('unknown to me');
      },
    ],
    ['returns no error', () => 'unknown to me' as never],
  ])('a checkServerIdentity that %s refuses the server', async (_, checkServerIdentity) => {
    const port = await served(echo);
    await expect(connected(port, { checkServerIdentity })).rejects.toThrow('unknown to me');
  });

  test('what had come before a reset is given out first, however slowly it is taken', async () => {
    const size = 60_000;
    const server = tls.createServer({ ...identity, noDelay: true }, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.destroy();
      });
      socket.write(Buffer.alloc(size));
    });
    let raw: net.Socket | undefined;
    server.on('connection', (socket: net.Socket) => (raw = socket));
    server.listen(0, host);
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    let got = 0;
    let below: Connection | undefined;
    const slowly$ = connect({ host, port }).pipe(
      tap((connection) => (below = connection)),
      startTls({ servername: host, ca: identity.cert, highWaterMark: 1000 }),
      mergeMap(({ data$ }) => data$),
      pacedMap(({ length }) => {
        got += length;
        if (below!.bytesRead > size) raw?.resetAndDestroy(); // nothing is on its way any more
        return timer(5);
      }),
    );
    await expect(lastValueFrom(slowly$)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(got).toBe(size);
    server.close();
  });

  test('timeout of connect includes the handshake', async () => {
    const silent = net.createServer().listen(0, host);
    await once(silent, 'listening');
    const { port } = silent.address() as net.AddressInfo;
    const connecting = openConnection({ host, port }, { tls: { ca: identity.cert }, timeout: 50 });
    await expect(connecting).rejects.toThrow('not connected within 50 ms');
    silent.close();
  });

  test('a server without a certificate is an error, with its first client', async () => {
    const onListening = (address: ListeningAddress) => {
      net.connect((address as { port: number }).port, host).on('error', () => undefined);
    };
    const secured$ = listen({ port: 0 }, { onListening }).pipe(startTls({}));
    await expect(lastValueFrom(secured$)).rejects.toThrow("a server needs 'key' and 'cert'");
  });

  test('a certificate that nobody vouches for is refused, with the code of Node', async () => {
    const port = await served(echo);
    await expect(connected(port, { ca: other.cert })).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    const trusting = await connected(port, { ca: other.cert, rejectUnauthorized: false });
    expect(trusting).toMatchObject({ authorized: false });
    trusting.close();
  });

  test('a certificate for somebody else is refused', async () => {
    const port = await served(echo);
    await expect(connected(port, { servername: 'example.org' })).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  test('one client that speaks no TLS is told to onError, and the others are served', async () => {
    const port = await served(echo);
    const noise = net.connect(port, host).on('error', () => undefined);
    noise.write('GET / HTTP/1.1\r\n\r\n');
    await until(() => failures.length > 0);
    expect(failures[0]!.code).toBe('ERR_SSL_HTTP_REQUEST');
    const connection = await connected(port);
    connection.write('x');
    expect(String(await firstValueFrom(connection.data$))).toBe('x');
    connection.close();
  });

  test('both ends agree on a protocol, and the server learns the name', async () => {
    const seen: unknown[] = [];
    const port = await served(
      (connection) => {
        seen.push(connection.servername, connection.alpnProtocol);
        return echo(connection);
      },
      { ALPNProtocols: ['b', 'a'] },
    );
    const connection = await connected(port, { servername: 'localhost', ALPNProtocols: ['a'] });
    expect(connection.alpnProtocol).toBe('a');
    expect(seen).toEqual(['localhost', 'a']);
    connection.close();
  });

  test('a server that asks for certificates believes only those it knows', async () => {
    const options = { requestCert: true, ca: other.cert };
    const names: unknown[] = [];
    const port = await served((connection) => {
      names.push(connection.peerCertificate?.subject.CN, connection.authorized);
      return echo(connection);
    }, options);
    const good = await connected(port, other);
    good.write('x');
    await firstValueFrom(good.data$);
    expect(names).toEqual(['other.test', true]);
    good.close();
    const bad = await connected(port, identity);
    expect(await firstValueFrom(bad.closed$)).toMatchObject({ code: expect.any(String) });
    await until(() => failures.length > 0);
    expect(failures[0]!.code).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  test('a second connection goes on from the session of the first', async () => {
    const port = await served(echo);
    const connections$ = connect({ host, port }, { tls: { ca: identity.cert } });
    for (const isSessionReused of [false, true]) {
      const connection = await firstValueFrom(connections$);
      connection.write('x');
      await firstValueFrom(connection.data$);
      expect(connection.isSessionReused).toBe(isSessionReused);
      if (!isSessionReused) await until(() => connection.session !== null);
      connection.close();
    }
  });

  test.each([
    ['Buffer', (session: Buffer) => session],
    ['Uint8Array', (session: Buffer) => new Uint8Array(session)],
  ] as const)('a session that was kept as a %s is resumed', async (_, kept) => {
    const port = await served(echo);
    const first = await connected(port);
    first.write('x');
    await firstValueFrom(first.data$);
    await until(() => first.session !== null);
    first.close();
    const session = kept(first.session!) as Buffer;
    const second = await connected(port, { session });
    expect(second.isSessionReused).toBe(true);
    second.close();
  });

  test('an end without close_notify is a truncation, behind what came before', async () => {
    const server = tls.createServer(identity, (socket) => socket.write('before'));
    const raw: net.Socket[] = [];
    server.on('connection', (socket: net.Socket) => raw.push(socket)).listen(0, host);
    await once(server, 'listening');
    const connection = await connected((server.address() as net.AddressInfo).port);
    const got: string[] = [];
    const failed = new Promise((error) => {
      connection.data$.subscribe({ next: (chunk) => got.push(String(chunk)), error });
    });
    await until(() => got.length > 0);
    raw[0]!.end();
    expect(await failed).toMatchObject({ code: 'ERR_TLS_TRUNCATED' });
    expect(got).toEqual(['before']);
    raw[0]!.destroy();
    server.close();
  });

  test('close() tells the end by TLS', async () => {
    const reasons: unknown[] = [];
    const port = await served((connection) => {
      connection.closed$.subscribe((reason) => reasons.push(reason));
      return connection.data$;
    });
    const connection = await connected(port);
    connection.write('bye');
    connection.close();
    await until(() => reasons.length > 0);
    expect(reasons).toEqual([null]);
  });

  test('begins in the middle of a session, and no byte is lost', async () => {
    const [here, there] = pairOfSockets().map((socket) => fromSocket(socket));
    const upgraded = (connection: Connection, options: TlsOptions) =>
      firstValueFrom(
        connection.data$.pipe(
          decode(lines()),
          take(1),
          map(() => connection),
          startTls(options),
        ),
      );
    const server = upgraded(there!, { ...identity, isServer: true });
    here!.write('STARTTLS\n');
    there!.write('go ahead\n');
    const client = await upgraded(here!, { servername: 'localhost', ca: identity.cert });
    client.write('secret');
    expect(String(await firstValueFrom((await server).data$))).toBe('secret');
    client.close();
  });

  test('a reader that takes nothing holds the sender back', async () => {
    let sent: Connection | undefined;
    const port = await served((connection) => {
      sent = connection;
      return connection.send(slices(Buffer.alloc(64_000_000)));
    });
    const connection = await connected(port);
    await until(() => (sent?.bytesWritten ?? 0) > 0);
    await atRest(() => sent!.bytesWritten);
    expect(sent!.bytesWritten).toBeLessThan(32_000_000);
    expect(connection.bytesRead).toBe(0);
    expect(await bytesOf(connection)).toHaveLength(64_000_000);
  });

  test('a Duplex over it keeps the process alive until unref()', async () => {
    const port = await served(echo);
    const client = startScript(`
      import { connect } from 'bipoll/reactive';
      import { toDuplex } from 'bipoll/streams';
      const tls = { ca: ${JSON.stringify(identity.cert.toString())} };
      connect({ host: '${host}', port: ${port} }, { tls }).subscribe((connection) => {
        const duplex = toDuplex(connection).unref().ref();
        setTimeout(() => { console.log('alive'); duplex.unref(); }, 100).unref();
      });`);
    const told = firstOutput(client);
    expect(await exitOf(client)).toBe(0);
    expect(await told).toBe('alive\n');
  });

  test('unsubscribing while hands are shaken closes the connection', async () => {
    const [left, right] = socketPair();
    of(fromSocket(left))
      .pipe(startTls({ servername: 'x' }))
      .subscribe()
      .unsubscribe();
    await until(() => left.closed);
    right.close();
  });
});
