// Real servers for the clients of programs.mjs: each in a directory of its own, reached by a path.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Debian keeps PostgreSQL's programs out of PATH. */
const POSTGRES = '/usr/lib/postgresql';

/** A server that is running, until `stop`. */
async function run(directory, program, args, options, ready) {
  const { stream, ...others } = options;
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...others });
  server[stream === 'stdout' ? 'stderr' : 'stdout'].resume();
  for await (const line of createInterface({ input: server[stream] })) if (ready.test(line)) break;
  server[stream].resume();
  return async () => {
    const exit = once(server, 'exit');
    server.kill('SIGTERM');
    await exit;
    rmSync(directory, { recursive: true, force: true });
  };
}

/** A redis-server: `{ path, stop }`. */
export async function redisServer() {
  const directory = mkdtempSync(join(tmpdir(), 'bipoll-redis-'));
  const path = join(directory, 'redis.sock');
  const args = ['--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no'];
  const options = { stream: 'stdout' };
  return { path, stop: await run(directory, 'redis-server', args, options, /ready to accept/i) };
}

/** A PostgreSQL with the user `tester`: `{ path, stop }`. */
export async function postgresServer() {
  const programs = join(POSTGRES, readdirSync(POSTGRES).at(-1), 'bin');
  const directory = mkdtempSync(join(tmpdir(), 'bipoll-postgres-'));
  const options = { cwd: directory, stream: 'stderr' };
  // PostgreSQL refuses to be run by root.
  if (process.getuid() === 0) {
    const idOf = (which) => Number(spawnSync('id', [which, 'postgres']).stdout.toString());
    Object.assign(options, { uid: idOf('-u'), gid: idOf('-g') });
    chownSync(directory, options.uid, options.gid);
  }
  chmodSync(directory, 0o700);
  const data = join(directory, 'data');
  const init = ['-D', data, '-U', 'tester', '--auth', 'trust', '--no-sync'];
  const { status, stderr } = spawnSync(join(programs, 'initdb'), init, options);
  if (status !== 0) throw new Error(stderr.toString());
  const args = ['-D', data, '-c', 'listen_addresses=', '-k', directory, '-F'];
  const ready = /ready to accept connections/;
  const stop = await run(directory, join(programs, 'postgres'), args, options, ready);
  return { path: join(directory, '.s.PGSQL.5432'), stop };
}

/** A key and a certificate for `localhost` that it has signed itself. */
export function selfSigned() {
  const directory = mkdtempSync(join(tmpdir(), 'bipoll-tls-'));
  const [keyFile, certFile] = ['key.pem', 'cert.pem'].map((name) => join(directory, name));
  const { status, stderr } = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', keyFile, '-out', certFile, '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost'],
  ]);
  if (status !== 0) throw new Error(String(stderr));
  const [key, cert] = [keyFile, certFile].map((file) => readFileSync(file));
  rmSync(directory, { recursive: true });
  return { key, cert };
}
