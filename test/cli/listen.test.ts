import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { connectUdp } from 'bipoll';
import { receiveMessage, sendMessage } from 'bipoll/sync';
import { untilSaid } from '../examples/peers';
import { makeIdentity } from '../support/certificates';
import { bipoll, outcomeOf, portOf, startBipoll, startListening } from '../support/commandLine';
import { freshFile, freshPath } from '../support/freshPath';
import { PATIENCE } from '../support/patience';
import { until } from '../support/until';
import { describeWhere, isWindows } from '../support/where';
import { unwatched, whereInstalled } from '../support/whereInstalled';

/** What a client is told, to the end, after it has said something and ended. */
async function answerTo(port: number, text: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  socket.end(text);
  await once(socket, 'close');
  return answer;
}

const withSignals = describeWhere(!isWindows, 'Windows has no signals');
withSignals('listen', () => {
  test('talks with one client, and nobody else', async () => {
    const { child, address, outcome } = await startListening(['listen', '0']);
    child.stdin!.end('welcome\n');
    const client = net.connect({ port: portOf(address), host: '127.0.0.1', allowHalfOpen: true });
    await once(client, 'data');
    const second = net.connect(portOf(address), '127.0.0.1');
    const [error] = (await once(second, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    client.end('hello\n');
    expect(await outcome).toMatchObject({ stdout: 'hello\n', code: 0 });
  });

  test('with --keep others follow, one at a time', async () => {
    const { child, address, outcome } = await startListening([
      'listen',
      '0',
      '--keep',
      '-f',
      'lines',
    ]);
    child.stdin!.end();
    for (const text of ['one', 'two']) await answerTo(portOf(address), text);
    child.kill('SIGINT');
    expect(await outcome).toMatchObject({ stdout: 'one\ntwo\n', code: 130 });
  });

  test('--max-connections limits how many are served at a time', async () => {
    const args = ['listen', '0', '--keep', '--echo', '--max-connections', '2'];
    const { child, address, outcome } = await startListening(args);
    const clients = [1, 2, 3].map(() => net.connect(portOf(address), '127.0.0.1'));
    const closed = clients.map((client) => once(client, 'close'));
    const answered: number[] = [];
    for (const [index, client] of clients.entries()) {
      client.on('data', () => answered.push(index)).write('x');
    }
    await until(() => answered.length === 2);
    const [first] = answered;
    clients[first!]!.end();
    await until(() => answered.length === 3);
    for (const client of clients) client.end();
    await Promise.all(closed);
    child.kill('SIGTERM');
    expect((await outcome).code).toBe(143);
  });

  test('--echo sends back what comes, and shows it if it is told how', async () => {
    const { child, address, outcome } = await startListening(['listen', '0', '-k', '-e', '-x']);
    expect(await answerTo(portOf(address), 'again')).toBe('again');
    child.kill('SIGINT');
    expect((await outcome).stdout).toContain('< 00000000  61 67 61 69 6e ');
  });

  test('with --json the address is an event', async () => {
    const child = startBipoll(['listen', '0', '--json']);
    const outcome = outcomeOf(child);
    const said = await untilSaid(child, /\n/);
    const { event, address } = JSON.parse(said) as { event: string; address: string };
    expect(event).toBe('listening');
    child.stdin!.end();
    await answerTo(portOf(address), 'x');
    const events = (await outcome).stdout.trimEnd().split('\n');
    expect(events.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'listening',
      'open',
      'received',
      'close',
    ]);
  });

  test('a client that resets is a failure, with --keep only a message', async () => {
    const single = await startListening(['listen', '0']);
    net.connect(portOf(single.address), '127.0.0.1', function (this: net.Socket) {
      this.resetAndDestroy();
    });
    expect(await single.outcome).toMatchObject({ code: 1 });
    const kept = await startListening(['listen', '0', '--keep', '--echo']);
    const told = untilSaid(kept.child, /127\.0\.0\.1: read ECONNRESET\n/, 'stderr');
    const client = net.connect(portOf(kept.address), '127.0.0.1');
    client.write('x');
    await once(client, 'data');
    client.resetAndDestroy();
    await told;
    expect(await answerTo(portOf(kept.address), 'still here')).toBe('still here');
    kept.child.kill('SIGINT');
    await kept.outcome;
  });

  /** Says something again and again, until it is over with the listener. */
  function chatterTo(port: number): void {
    const timer = setInterval(() => {
      const client = net.connect(port, '127.0.0.1');
      client.on('error', () => {
        clearInterval(timer);
      });
      client.end('something\n');
    }, 20);
  }

  test('with --keep it ends when nobody reads stdout any more, and blames no client', async () => {
    const { child, address, outcome } = await startListening(['listen', '0', '--keep']);
    child.stdin!.end();
    child.stdout!.once('data', () => child.stdout!.destroy());
    chatterTo(portOf(address));
    const { stderr, code } = await outcome;
    expect(stderr).toBe(`listening on ${address}\n`);
    expect(code).toBe(141);
  });

  describeWhere(existsSync('/dev/full'), 'there is no /dev/full')('where stdout is full', () => {
    test('with --keep it ends, and blames no client', async () => {
      const full = openSync('/dev/full', 'w');
      const child = startBipoll(['listen', '0', '--keep'], {}, full);
      closeSync(full);
      child.stdin!.end();
      const outcome = outcomeOf(child);
      const said = await untilSaid(child, /listening on \S+\n/, 'stderr');
      chatterTo(portOf(said.trim()));
      const { stderr, code } = await outcome;
      expect(stderr).toBe(`${said}bipoll: stdout: write ENOSPC\n`);
      expect(code).toBe(1);
    });

    test('with --json it fails as soon as it listens', async () => {
      const full = openSync('/dev/full', 'w');
      const outcome = outcomeOf(startBipoll(['listen', '0', '--json'], {}, full));
      closeSync(full);
      const { stderr, code } = await outcome;
      expect(stderr).toBe('bipoll: stdout: write ENOSPC\n');
      expect(code).toBe(1);
    });
  });

  test('a socket file is the owner’s, and gone at the end; a stale one is replaced', async () => {
    const path = freshPath();
    const killed = await startListening(['listen', `unix:${path}`, '--keep']);
    killed.child.kill('SIGKILL');
    await killed.outcome;
    expect(existsSync(path)).toBe(true);
    const { child, outcome } = await startListening(['listen', `unix:${path}`, '--mode', '660']);
    expect(statSync(path).mode & 0o777).toBe(0o660);
    child.kill('SIGTERM');
    expect((await outcome).code).toBe(143);
    expect(existsSync(path)).toBe(false);
  });

  test('over UDP the answers go to whoever has sent last', async () => {
    const { child, address, outcome } = await startListening(['listen', 'udp://:0', '-f', 'lines']);
    const limit = { timeout: PATIENCE };
    using socket = connectUdp({ host: '127.0.0.1', port: portOf(address) });
    sendMessage(socket, 'question\n', limit);
    await untilSaid(child, /question/);
    child.stdin!.write('answer\n');
    expect(receiveMessage(socket, limit).bytes.toString()).toBe('answer\n');
    child.kill('SIGINT');
    expect(await outcome).toMatchObject({ stdout: 'question\n', code: 130 });
  });

  whereInstalled('ncat')('for ncat', () => {
    test('a client over TCP, and one over a local socket', async () => {
      const path = freshPath();
      for (const listenAt of ['0', `unix:${path}`]) {
        const { child, address, outcome } = await startListening(['listen', listenAt]);
        child.stdin!.end('hello ncat\n');
        const place = listenAt === '0' ? ['127.0.0.1', `${portOf(address)}`] : ['-U', path];
        const ncat = spawn('ncat', place, { env: unwatched });
        const received = outcomeOf(ncat);
        ncat.stdin.end('hello bipoll\n');
        expect((await received).stdout).toBe('hello ncat\n');
        expect((await outcome).stdout).toBe('hello bipoll\n');
      }
    });
  });

  whereInstalled('socat', '-V')('for socat', () => {
    test('a client over an abstract name', async () => {
      const name = `bipoll-${process.pid}`;
      const { child, outcome } = await startListening(['listen', `unix:@${name}`]);
      child.stdin!.end();
      const socat = spawnSync('socat', ['-', `ABSTRACT-CONNECT:${name}`], {
        input: 'from socat',
        env: unwatched,
      });
      expect(socat.status).toBe(0);
      expect((await outcome).stdout).toBe('from socat');
    });
  });

  whereInstalled('openssl', 'version')('over TLS', () => {
    const [key, cert] = [freshFile(), freshFile()];
    beforeAll(() => {
      const identity = makeIdentity();
      writeFileSync(key, identity.key);
      writeFileSync(cert, identity.cert);
    });
    const secured = () => ['--cert', cert, '--key', key];

    test('an echo, to itself and to openssl', async () => {
      const args = ['listen', 'tls://:0', '--keep', '--echo', ...secured()];
      const { child, address, outcome } = await startListening(args);
      const port = portOf(address);
      const ownArgs = [
        'connect',
        `tls://localhost:${port}`,
        '--ca',
        cert,
        '--on-end',
        'half-close',
      ];
      const own = await bipoll(ownArgs, 'secret');
      expect(own).toMatchObject({ stdout: 'secret', stderr: '', code: 0 });
      const args2 = ['s_client', '-quiet', '-connect', `127.0.0.1:${port}`, '-CAfile', cert];
      const openssl = spawn('openssl', args2, { env: unwatched });
      openssl.stdin.write('to openssl\n');
      await untilSaid(openssl, /to openssl\n/);
      openssl.kill();
      child.kill('SIGINT');
      await outcome;
    });

    test('the end of stdin is not told to openssl, which would leave at once', async () => {
      const args = ['listen', 'tls://:0', ...secured()];
      const { child, address, outcome } = await startListening(args);
      child.stdin!.end();
      const target = `127.0.0.1:${portOf(address)}`;
      const openssl = spawn('openssl', ['s_client', '-quiet', '-connect', target], {
        env: unwatched,
      });
      openssl.stdin.on('error', () => undefined);
      for (const text of ['first', 'second']) {
        const told = untilSaid(child, new RegExp(text));
        openssl.stdin.write(`${text}\n`);
        await told;
      }
      openssl.kill();
      await outcome;
    });

    test('whoever does not believe the certificate is told why, and fails', async () => {
      const { child, address, outcome } = await startListening([
        'listen',
        'tls://:0',
        '-k',
        ...secured(),
      ]);
      const target = `tls://localhost:${portOf(address)}`;
      expect(await bipoll(['connect', target])).toMatchObject({
        stderr: 'bipoll: self-signed certificate\n',
        code: 1,
      });
      child.stdin!.end();
      const believing = ['connect', target, '--insecure', '--on-end', 'half-close'];
      expect(await bipoll(believing)).toMatchObject({ code: 0 });
      child.kill('SIGINT');
      await outcome;
    });

    test('with --json a client that speaks no TLS is an event', async () => {
      const child = startBipoll(['listen', 'tls://:0', '-k', '--json', ...secured()]);
      const outcome = outcomeOf(child);
      const said = await untilSaid(child, /\n/);
      const { address } = JSON.parse(said) as { address: string };
      const refused = untilSaid(child, /refuse.*\n/);
      await answerTo(portOf(address), 'HELLO, ARE YOU A SERVER?\n');
      expect(JSON.parse(await refused)).toMatchObject({
        event: 'refuse',
        peer: expect.stringMatching(/^127\.0\.0\.1:/) as string,
        code: expect.stringMatching(/^ERR_SSL_/) as string,
      });
      child.kill('SIGINT');
      await outcome;
    });
  });
});
