import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTls } from 'bipoll/tls';
import { tlsEcho } from '../../../examples/reactive/tls-echo';
import { freshFile } from '../../support/freshPath';
import { until } from '../../support/until';
import { whereInstalled } from '../../support/whereInstalled';
import { stop } from '../peers';
import { reset, Service } from './Service';

whereInstalled('openssl', 'version')('the TLS echo, to openssl', () => {
  const directory = freshFile();
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  let service: Service<string>;
  let clients: ChildProcess[];

  beforeAll(() => {
    mkdirSync(directory);
    const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1';
    const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const args = [...request.split(' '), ...name, '-keyout', key, '-out', cert];
    expect(spawnSync('openssl', args).status).toBe(0);
  });
  beforeEach(() => {
    clients = [];
    const secure = startTls({ key: readFileSync(key), cert: readFileSync(cert) });
    service = new Service({ port: 0 }, (connections$) => tlsEcho(connections$.pipe(secure)));
  });
  afterEach(async () => {
    await Promise.all(clients.map(stop));
    service.stop();
  });

  /** A client that believes only our certificate. */
  function client(...args: string[]) {
    const { port } = service.address as { port: number };
    const trust = ['-CAfile', cert, '-verify_hostname', 'localhost', '-verify_return_error'];
    const all = ['s_client', '-connect', `127.0.0.1:${port}`, '-quiet', ...trust, ...args];
    const child = spawn('openssl', all, { stdio: ['pipe', 'pipe', 'ignore'] });
    clients.push(child);
    const heard: Buffer[] = [];
    let length = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      heard.push(chunk);
      length += chunk.length;
    });
    return { child, heard: () => Buffer.concat(heard), heardLength: () => length };
  }

  test.each([
    { flag: '-tls1_2', version: 'TLSv1.2' },
    { flag: '-tls1_3', version: 'TLSv1.3' },
  ])('gives back what was sent over $version, and the end behind it', async ({ flag, version }) => {
    const { child, heard } = client(flag, '-no_ign_eof');
    child.stdin.write('grüß dich\n');
    await until(() => String(heard()) === 'grüß dich\n', 'the echo');
    const exit = once(child, 'exit');
    child.stdin.end();
    expect(await exit).toEqual([0, null]);
    await service.untilLeft();
    expect(service.emitted).toEqual([version]);
  });

  test('gives megabytes back to several clients at once', async () => {
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    const sent = Array.from({ length: 4 }, () => randomBytes(2_000_000));
    await Promise.all(
      sent.map(async (bytes) => {
        const { child, heard, heardLength } = client();
        child.stdin.write(bytes);
        await until(() => heardLength() >= bytes.length, 'the echo');
        expect(hash(heard())).toBe(hash(bytes));
      }),
    );
  });

  test('goes on after clients that speak no TLS, vanish, or are killed', async () => {
    const noise = await service.client();
    noise.write('GET / HTTP/1.1\r\n\r\n');
    reset(await service.client());
    const killed = client();
    killed.child.stdin.write('first\n');
    await until(() => String(killed.heard()) === 'first\n', 'the echo');
    killed.child.kill('SIGKILL');
    const { child, heard } = client();
    child.stdin.write('second\n');
    await until(() => String(heard()) === 'second\n', 'the echo');
    await stop(child);
    noise.destroy();
    await service.untilLeft();
    expect(service.ended).toBeUndefined();
  });
});
