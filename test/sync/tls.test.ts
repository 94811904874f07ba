import type { ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { lastValueFrom, toArray } from 'rxjs';
import { listenLocal, listenTcp, Poller, socketPair, TimeoutError } from 'bipoll';
import { lines } from 'bipoll/framing';
import { fromSocket } from 'bipoll/reactive';
import {
  accept,
  acceptTls,
  connectTls,
  deadlineIn,
  frames,
  poll,
  readExactly,
  readLine,
  readSome,
  type SecuringOptions,
  sleep,
  startTls,
  TlsStream,
  TlsTruncatedError,
  writeAll,
} from 'bipoll/sync';
import { type Identity, makeIdentity } from '../support/certificates';
import { openDescriptors } from '../support/descriptors';
import { freshPath } from '../support/freshPath';
import { PATIENCE } from '../support/patience';
import { exitOf, firstOutput, reportNoLeaks, runScript, startScript } from '../support/script';
import { until } from '../support/until';
import { whereInstalled } from '../support/whereInstalled';
import { describeWhere, isLinux, isWindows, testWhere } from '../support/where';

reportNoLeaks();

const host = '127.0.0.1';
const limit = { timeout: PATIENCE };
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

function errorOf(call: () => unknown): Error & { code?: unknown } {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('It did not throw');
}

describe('options', () => {
  const refused = (options: object, code: string, message: string) => {
    const [socket, other] = socketPair();
    const error = errorOf(() => startTls(socket, options as never));
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(message);
    expect(socket.closed).toBe(false);
    socket.close();
    other.close();
  };
  test.each([
    ['without the name of the server', limit, 'ERR_INVALID_ARG_VALUE', "'servername' must say"],
    ['without a limit', { servername: 'x' }, 'ERR_INVALID_ARG_TYPE', '"timeout"'],
    ['misspelt', { ...limit, sevrername: 'x' }, 'ERR_INVALID_ARG_VALUE', "mean 'servername'"],
    [
      'that cannot be sent to a thread',
      { ...limit, servername: 'x', ca: () => '' },
      'ERR_INVALID_ARG_VALUE',
      "'ca' must be text, numbers or bytes",
    ],
    [
      'with a session of no bytes',
      { ...limit, servername: 'x', session: 'text' },
      'ERR_INVALID_ARG_TYPE',
      '"session"',
    ],
    [
      'of the wrong type',
      { ...limit, servername: 'x', isServer: 1 },
      'ERR_INVALID_ARG_TYPE',
      '"isServer"',
    ],
    [
      'with an empty name of a protocol',
      { ...limit, servername: 'x', ALPNProtocols: ['h2', ''] },
      'ERR_INVALID_ARG_VALUE',
      "'ALPNProtocols[1]' must have 1 to 255 bytes",
    ],
    [
      'with names of protocols that are cut',
      { ...limit, servername: 'x', ALPNProtocols: Buffer.from([5]) },
      'ERR_INVALID_ARG_VALUE',
      "'ALPNProtocols' must be names",
    ],
  ])('%s are refused, and the stream stays', (_, options, code, message) => {
    refused(options, code, message);
  });

  testWhere(!isWindows, 'Windows cannot pass descriptors')(
    'a certificate that is none is an error with a code',
    () => {
      const [socket, other] = socketPair();
      const error = errorOf(() =>
        startTls(socket, { ...limit, isServer: true, pfx: Buffer.alloc(3) }),
      );
      expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
      other.close();
    },
  );

  test('over a local socket the name of the server is required', () => {
    expect(() => connectTls({ path: '/x' }, limit)).toThrow("'servername' must say");
  });
});

testWhere(isWindows, 'elsewhere a thread can take a descriptor over')(
  'a system on which no thread can take a descriptor over says so',
  () => {
    expect(() => connectTls({ port: 1 }, limit)).toThrow(
      expect.objectContaining({ code: 'ENOTSUP' }),
    );
  },
);

describeWhere(!isWindows, 'Windows cannot pass descriptors')('TLS that blocks', () => {
  whereInstalled('openssl', 'version')('with certificates of openssl', () => {
    let identity: Identity;
    let other: Identity;
    let peer: ChildProcess | undefined;
    beforeAll(() => {
      identity = makeIdentity();
      other = makeIdentity('other.test');
    });
    afterEach(async () => {
      if (!peer) return;
      peer.kill('SIGKILL');
      await exitOf(peer);
      peer = undefined;
    });

    /** Starts a server of node:tls in another process. @param serve is run for each `socket`, which is over `raw` @returns the port */
    async function served(serve: string, options = ''): Promise<number> {
      const { key, cert } = identity;
      peer = startScript(`
        import net from 'node:net';
        import crypto from 'node:crypto';
        import tls from 'node:tls';
        const [key, cert] = ${JSON.stringify([String(key), String(cert)])};
        const server = tls.createServer({ key, cert, allowHalfOpen: true, ${options} }, (socket) => {
          socket.on('error', () => undefined);
          const raw = raws.get(socket.remotePort);
          ${serve}
        });
        const raws = new Map();
        server.on('connection', (raw) => raws.set(raw.remotePort, raw));
        server.listen(0, '${host}', () => console.log(server.address().port));`);
      return Number(await firstOutput(peer));
    }
    const echo = 'socket.pipe(socket);';
    const connected = (port: number, options: Partial<SecuringOptions> = {}) =>
      connectTls({ host, port }, { ...limit, ca: identity.cert, ...options } as SecuringOptions);

    test.each(['TLSv1.2', 'TLSv1.3'] as const)(
      '%s: lines, frames and megabytes go both ways, and the end comes in order',
      async (version) => {
        const port = await served(echo, `maxVersion: '${version}'`);
        using socket = connected(port);
        expect(socket).toMatchObject({ protocol: version, authorized: true, remotePort: port });
        expect(socket).toMatchObject({ remoteAddress: host, authorizationError: null });
        expect(socket.peerCertificate?.subject.CN).toBe('localhost');
        expect(Buffer.isBuffer(socket.peerCertificate?.raw)).toBe(true);
        writeAll(socket, 'one\ntwo\nthree\n', limit);
        expect(readLine(socket, limit)).toBe('one');
        expect(frames(socket, lines(), limit).next().value).toBe('two');
        expect(String(readExactly(socket, 6, limit))).toBe('three\n');
        const chunk = randomBytes(100_000);
        for (let i = 0; i < 30; i++) {
          writeAll(socket, chunk, limit);
          expect(sha256(readExactly(socket, chunk.length, limit))).toBe(sha256(chunk));
        }
        socket.shutdown();
        expect(readSome(socket, limit)).toBeNull();
      },
    );

    test('streams that are closed leave no descriptor behind', async () => {
      const port = await served(echo);
      const round = () => {
        using socket = connected(port);
        writeAll(socket, 'x\n', limit);
        readLine(socket, limit);
      };
      round();
      const before = openDescriptors();
      for (let i = 0; i < 30; i++) round();
      await until(() => openDescriptors() < before + 15, 'the thread to close them');
    });

    test('what the peer sends behind our end is read, to its own', async () => {
      const port = await served(`
        socket.resume().on('end', () => socket.end(Buffer.alloc(500_000)));`);
      for (let i = 0; i < 5; i++) {
        using socket = connected(port);
        socket.shutdown();
        sleep(20); // meanwhile all of it has come
        let got = 0;
        for (let bytes; (bytes = readSome(socket, limit));) got += bytes.length;
        expect(got).toBe(500_000);
      }
    });

    test('what was written is sent although nobody has read what came', async () => {
      const port = await served(`
        let got = 0;
        socket.write(Buffer.alloc(3_000_000));
        socket.on('data', ({ length }) => (got += length)).on('end', () => console.log(got));`);
      const socket = connected(port);
      writeAll(socket, Buffer.alloc(300_000), limit);
      socket.close();
      expect(Number(await firstOutput(peer!))).toBe(300_000);
    });

    test('a read that times out loses nothing, also within a deadline for all', async () => {
      const port = await served(`
        socket.write('he');
        socket.once('data', () => socket.end('llo\\n'));`);
      using socket = connected(port, {
        timeout: undefined,
        deadline: deadlineIn(PATIENCE),
      });
      expect(poll(socket, 'dataAvailable', PATIENCE)).toBe('dataAvailable');
      const error = errorOf(() => readLine(socket, { timeout: 20 }));
      expect(error).toMatchObject({ code: 'ETIMEDOUT', bytesAvailable: 2, port });
      writeAll(socket, 'go on', limit);
      expect(readLine(socket, limit)).toBe('hello');
      expect(readLine(socket, limit)).toBeNull();
    });

    test('its descriptor is not given away, and it goes on', async () => {
      using socket = connected(await served(echo));
      expect(() => socket.detach()).toThrow(
        expect.objectContaining({ name: 'SocketError', code: 'ENOTSUP' }),
      );
      writeAll(socket, 'still here\n', limit);
      expect(readLine(socket, limit)).toBe('still here');
      socket.close();
      expect(() => socket.detach()).toThrow(expect.objectContaining({ code: 'ERR_SOCKET_CLOSED' }));
    });

    test('the calls of the core, a poller and an Observable take it as any stream', async () => {
      const port = await served(echo);
      using socket = connected(port);
      using poller = new Poller();
      expect(socket.write(Buffer.from('hello'))).toBe(5);
      poller.monitor(socket, 'dataAvailable');
      expect(poller.wait(PATIENCE)).toEqual([{ socket, events: ['dataAvailable'] }]);
      const buffer = Buffer.alloc(10);
      expect(socket.read(buffer, { peek: true })).toBe(5);
      expect(socket.read(buffer)).toBe(5);
      expect(socket.read(buffer)).toBe(0);
      writeAll(socket, 'bye', limit);
      socket.shutdown();
      const chunks = await lastValueFrom(fromSocket(socket).data$.pipe(toArray()));
      expect(String(Buffer.concat(chunks))).toBe('bye');
    });

    test.each(['TLSv1.2', 'TLSv1.3'] as const)(
      '%s: a later connection resumes the session of an earlier one',
      async (version) => {
        const port = await served(echo, `maxVersion: '${version}'`);
        let session: Buffer | null = null;
        for (const isSessionReused of [false, true, true]) {
          using socket = connected(port, session ? { session } : {});
          writeAll(socket, 'line\n', limit);
          expect(readLine(socket, limit)).toBe('line');
          expect(socket).toMatchObject({ isSessionReused, authorized: true });
          socket.close();
          session = socket.session ?? session; // by TLSv1.2 a server goes on with the one it has given
          expect(session).toBeInstanceOf(Buffer);
        }
      },
    );

    testWhere(isLinux, 'only Linux lists threads')('many streams share one thread', async () => {
      const port = await served(echo);
      const threads = () => readdirSync('/proc/self/task').length;
      const streams = [connected(port)];
      const before = threads();
      while (streams.length < 10) streams.push(connected(port));
      expect(threads()).toBe(before);
      for (const stream of streams) stream.close();
    });

    test('what is agreed on is told: ALPN, the cipher, the name', async () => {
      const port = await served(echo, "ALPNProtocols: ['h2', 'http/1.1']");
      using socket = connected(port, { ALPNProtocols: ['http/1.1'], servername: 'localhost' });
      expect(socket).toMatchObject({ alpnProtocol: 'http/1.1', servername: 'localhost' });
      expect(socket.cipher.name).toMatch(/^TLS_/);
      expect(socket).toBeInstanceOf(TlsStream);
    });

    test('a certificate that nobody vouches for is refused, with the code of Node', async () => {
      const port = await served(echo);
      const error = errorOf(() => connected(port, { ca: other.cert }));
      expect(error).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
      expect(error.message).toContain('self-signed');
      using trusting = connected(port, { ca: other.cert, rejectUnauthorized: false });
      expect(trusting.authorized).toBe(false);
      expect(trusting.authorizationError).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    });

    test('a certificate for somebody else is refused', async () => {
      const port = await served(echo);
      const error = errorOf(() => connected(port, { servername: 'example.org' }));
      expect(error).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
      expect(error.message).toContain('example.org');
    });

    test('a key that does not belong to the certificate is told, and the next session works', async () => {
      const port = await served(echo);
      const mixed = { key: other.key, cert: identity.cert };
      expect(errorOf(() => connected(port, mixed))).toMatchObject({
        code: 'ERR_OSSL_X509_KEY_VALUES_MISMATCH',
      });
      connected(port).close();
    });

    test('a server that is silent is given up in time, and the error says what was missing', () => {
      using server = listenTcp({ port: 0 });
      const error = errorOf(() => connected(server.port, { timeout: 300 }));
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error.message).toBe(
        `connectTls ETIMEDOUT ${host}:${server.port}: the TLS handshake was not done within 300 ms`,
      );
      using abandoned = accept(server, limit);
      expect(readSome(abandoned, limit)).not.toBeNull();
      expect(poll(abandoned, 'remoteDisconnected', PATIENCE)).toBe('remoteDisconnected');
    });

    test.each([
      ['speaks no TLS', "raw.write('220 mail\\r\\n')", 'ERR_SSL_WRONG_VERSION_NUMBER'],
      ['leaves', 'raw.end()', 'ECONNRESET'],
      ['resets', 'raw.resetAndDestroy()', 'ECONNRESET'],
    ])('a server that %s within the handshake is an error with its code', async (_, act, code) => {
      peer = startScript(`
        import net from 'node:net';
        const server = net.createServer((raw) => {
          raw.on('error', () => undefined);
          raw.once('data', () => { ${act}; });
        });
        server.listen(0, '${host}', () => console.log(server.address().port));`);
      const port = Number(await firstOutput(peer));
      expect(errorOf(() => connected(port))).toMatchObject({ code });
    });

    describe('an end that is none', () => {
      test.each([
        ['a truncation', 'raw.end()', 'ERR_TLS_TRUNCATED'],
        ['a reset', 'raw.resetAndDestroy()', 'ECONNRESET'],
      ])('%s is an error behind all that came', async (_, act, code) => {
        const port = await served(`socket.on('data', () => { ${act}; }).write('hello\\nrest');`);
        const [socket, byCore, observed] = [connected(port), connected(port), connected(port)];
        expect(readLine(socket, limit)).toBe('hello');
        writeAll(observed, 'x', limit);
        const observing = lastValueFrom(fromSocket(observed).data$.pipe(toArray()));
        await expect(observing).rejects.toMatchObject({ code });
        for (const each of [socket, byCore]) {
          writeAll(each, 'x', limit);
          expect(poll(each, 'remoteDisconnected', PATIENCE)).toBe('remoteDisconnected');
        }
        expect(String(readExactly(socket, 4, limit))).toBe('rest');
        const error = errorOf(() => readSome(socket, limit));
        expect(error).toMatchObject({ code, address: host, port });
        expect(error instanceof TlsTruncatedError).toBe(code === 'ERR_TLS_TRUNCATED');
        expect(errorOf(() => frames(socket, lines(), limit).next())).toMatchObject({ code });
        const buffer = Buffer.alloc(100);
        expect(byCore.read(buffer)).toBe(10);
        expect(errorOf(() => byCore.read(buffer))).toMatchObject({ code });
        for (const each of [socket, byCore, observed]) each.close();
      });

      test('writing to a peer that has reset fails with the reason', async () => {
        const port = await served("socket.once('data', () => raw.resetAndDestroy());");
        using socket = connected(port);
        const error = errorOf(() => {
          for (;;) writeAll(socket, Buffer.alloc(100_000), limit);
        });
        expect(['ECONNRESET', 'EPIPE']).toContain(error.code);
        expect(error).toMatchObject({ address: host, port });
      });
    });

    test('a peer that ends its side still gets what we write', async () => {
      const port = await served(`
        socket.once('data', () => socket.end('hello\\n')); // at once, node:tls would send no close_notify
        let got = '';
        socket.on('data', (chunk) => (got += chunk)).on('end', () => console.log(got));`);
      using socket = connected(port);
      writeAll(socket, 'good', limit);
      expect(readLine(socket, limit)).toBe('hello');
      expect(readLine(socket, limit)).toBeNull();
      const output = firstOutput(peer!);
      writeAll(socket, 'bye', limit);
      socket.close();
      expect(await output).toBe('goodbye\n');
    });

    test('a full peer holds us back, and a slow reader the peer', async () => {
      const port = await served(`
        const chunk = Buffer.alloc(65536);
        let sent = 0;
        const send = () => { while (socket.write(chunk)) sent += chunk.length; };
        socket.on('drain', send);
        send();
        process.stdin.on('data', () => console.log(sent));`);
      using socket = connected(port);
      const error = errorOf(() => {
        writeAll(socket, Buffer.alloc(50_000_000), { timeout: 500 });
      });
      expect(error).toMatchObject({ code: 'ETIMEDOUT' });
      const output = firstOutput(peer!);
      peer!.stdin!.write('\n');
      expect(Number(await output)).toBeLessThan(20_000_000);
    });

    describe('in the middle of a session', () => {
      test('encrypted bytes that were read with the last line in clear are not lost', async () => {
        using server = listenTcp({ port: 0 });
        peer = startScript(`
          import net from 'node:net';
          import tls from 'node:tls';
          const socket = net.connect(${server.port}, '${host}');
          socket.write('STARTTLS\\r\\n');
          const secured = tls.connect({ socket, rejectUnauthorized: false });
          secured.end('secret\\n');
          secured.on('data', (data) => process.stdout.write(data));`);
        const output = firstOutput(peer);
        const socket = accept(server, limit);
        const whole = Buffer.alloc(1000);
        while ((socket.read(whole, { peek: true }) ?? 1000) < 200)
          poll(socket, 'dataAvailable', 10);
        expect(readLine(socket, limit)).toBe('STARTTLS');
        using secured = startTls(socket, { isServer: true, ...identity, ...limit });
        expect(socket.closed).toBe(true);
        expect(readLine(secured, limit)).toBe('secret');
        writeAll(secured, 'answer\n', limit);
        expect(await output).toBe('answer\n');
      });

      test('TLS goes through TLS, as through an HTTPS proxy', async () => {
        const port = await served(`
          const inner = new tls.TLSSocket(socket, { isServer: true, key, cert });
          inner.pipe(inner);`);
        const outer = connected(port);
        using socket = startTls(outer, { servername: 'localhost', ca: identity.cert, ...limit });
        writeAll(socket, 'hello\n', limit);
        expect(readLine(socket, limit)).toBe('hello');
        socket.shutdown();
        expect(readSome(socket, limit)).toBeNull();
      });
    });

    describe('as a server', () => {
      const client = (where: string, options = '') =>
        startScript(`
          import tls from 'node:tls';
          const socket = tls.connect({ ${where}, rejectUnauthorized: false, ${options} });
          socket.on('error', () => undefined);
          socket.end('hello\\n');
          socket.on('data', (data) => process.stdout.write(data));`);

      test.each(['TCP', 'a local socket'])('over %s it answers a client', async (carrier) => {
        const path = freshPath();
        using server = carrier === 'TCP' ? listenTcp({ port: 0 }) : listenLocal({ path });
        peer = client('port' in server ? `port: ${server.port}` : `path: '${path}'`);
        const output = firstOutput(peer);
        using socket = acceptTls(server, { ...identity, ...limit });
        expect(socket).toMatchObject({ authorized: false, peerCertificate: null });
        expect(readLine(socket, limit)).toBe('hello');
        expect(readLine(socket, limit)).toBeNull();
        writeAll(socket, 'answer\n', limit);
        expect(await output).toBe('answer\n');
      });

      test('a client shows its certificate, or is refused', () => {
        using server = listenTcp({ port: 0 });
        const options = { ...identity, ca: other.cert, requestCert: true, ...limit };
        const own = (who: Identity) =>
          client(
            `port: ${server.port}`,
            `key: ${JSON.stringify(String(who.key))}, cert: ${JSON.stringify(String(who.cert))}`,
          );
        const stranger = own(identity);
        expect(errorOf(() => acceptTls(server, options))).toMatchObject({
          code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
        });
        peer = own(other);
        using socket = acceptTls(server, options);
        expect(socket.authorized).toBe(true);
        expect(socket.peerCertificate?.subject.CN).toBe('other.test');
        stranger.kill();
      });
    });

    test('a signal ends an interruptible handshake', async () => {
      using silent = listenTcp({ port: 0 });
      peer = startScript(`
        import { connectTls } from 'bipoll/sync';
        process.on('SIGUSR2', () => process.exit(0));
        console.log('waiting');
        const limit = { timeout: ${PATIENCE}, interruptible: true };
        try {
          connectTls({ host: '${host}', port: ${silent.port} }, limit);
        } catch (error) {
          console.log(error.code);
        }
        setInterval(() => undefined, 1000);`);
      expect(await firstOutput(peer)).toBe('waiting\n');
      using waiting = accept(silent, limit);
      expect(readSome(waiting, limit)).not.toBeNull(); // the handshake has begun
      const output = firstOutput(peer);
      peer.kill('SIGUSR2');
      expect(await output).toBe('EINTR\n');
      expect(await exitOf(peer)).toBe(0);
      peer = undefined;
    });

    describe('a script that ends', () => {
      const collect = `
        const hash = crypto.createHash('sha256');
        socket.on('data', (chunk) => hash.update(chunk));
        socket.on('end', () => console.log('end', hash.digest('hex')));`;
      const script = (port: number, last: string) => `
        import { connectTls, writeAll } from 'bipoll/sync';
        const limit = { timeout: ${PATIENCE} };
        const socket = connectTls({ host: '${host}', port: ${port} }, { ...limit, rejectUnauthorized: false });
        writeAll(socket, Buffer.alloc(300_000, 'x'), limit);
        ${last}`;

      test.each([
        ['by itself', 'globalThis.held = socket;'],
        ['by process.exit()', 'process.exit(0);'],
        ['after close()', 'socket.close();'],
        ['after close() by process.exit()', 'socket.close(); process.exit(0);'],
      ])('%s has sent what it wrote, and its end', async (_, last) => {
        const port = await served(collect);
        const output = firstOutput(peer!);
        const { status, stderr } = runScript(script(port, last));
        expect([status, stderr]).toEqual([0, '']);
        expect(await output).toBe(`end ${sha256(Buffer.alloc(300_000, 'x'))}\n`);
      });

      test('after its socket was garbage collected has sent what it wrote, and its end', async () => {
        const port = await served(collect);
        const output = firstOutput(peer!);
        const last = 'setImmediate(gc);';
        const { status, stderr } = runScript(script(port, last), '--expose-gc');
        expect(status).toBe(0);
        expect(stderr).toContain('A TLS stream was garbage collected');
        expect(await output).toBe(`end ${sha256(Buffer.alloc(300_000, 'x'))}\n`);
      });

      test('is held up for two seconds at most by a peer that takes nothing', async () => {
        const port = await served('socket.pause(); raw.pause();');
        const started = performance.now();
        const fill =
          'try { writeAll(socket, Buffer.alloc(50_000_000), { timeout: 200 }); } catch {}';
        const { status } = runScript(script(port, `${fill} process.exit(3);`));
        expect(status).toBe(3);
        expect(performance.now() - started).toBeLessThan(PATIENCE);
      });
    });
  });
});
