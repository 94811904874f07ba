import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stop, untilSaid } from '../examples/peers';
import type { Identity } from './certificates';
import { unwatched } from './whereInstalled';
import { freePort } from './freePort';

// Debian keeps them out of PATH.
const binaries = existsSync('/usr/lib/postgresql')
  ? readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`)
  : [];
const installed = binaries.find(
  (directory) =>
    spawnSync(join(directory, 'postgres'), ['--version'], { env: unwatched }).status === 0,
);
export const hasPostgres = installed !== undefined;

/** A PostgreSQL of its own, which trusts the user `tester`. */
export class Postgres {
  readonly #directory: string;
  readonly #server: ChildProcess;

  private constructor(
    directory: string,
    server: ChildProcess,
    /** Where it listens on 127.0.0.1, if it has an identity for TLS. */
    readonly port: number,
  ) {
    this.#directory = directory;
    this.#server = server;
  }

  /** @param identity lets it listen over TCP, too, where it takes TLS */
  static async start(identity?: Identity): Promise<Postgres> {
    // PostgreSQL refuses to be run by root.
    const user = process.getuid?.() === 0 ? idOf('postgres') : null;
    const directory = mkdtempSync(join(tmpdir(), 'bipoll-postgres-'));
    chmodSync(directory, 0o700);
    if (user) chownSync(directory, user.uid, user.gid);
    const data = join(directory, 'data');
    const foreign = { ...user, env: unwatched, cwd: directory };
    const made = spawnSync(
      join(installed!, 'initdb'),
      ['-D', data, '-U', 'tester', '--auth', 'trust', '--no-sync'],
      foreign,
    );
    if (made.status !== 0) throw new Error(made.stderr.toString());
    const port = freePort();
    const overTcp = ['listen_addresses=127.0.0.1', `port=${port}`, 'ssl=on'];
    if (identity) {
      for (const [name, bytes] of [
        ['server.key', identity.key],
        ['server.crt', identity.cert],
      ] as const) {
        const file = join(data, name);
        writeFileSync(file, bytes, { mode: 0o600 });
        if (user) chownSync(file, user.uid, user.gid);
      }
    }
    const settings = (identity ? overTcp : ['listen_addresses=']).flatMap((each) => ['-c', each]);
    const server = spawn(
      join(installed!, 'postgres'),
      ['-D', data, ...settings, '-k', directory, '-F'],
      { ...foreign, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    await untilSaid(server, /ready to accept connections/, 'stderr');
    return new Postgres(directory, server, port);
  }

  /** Its local socket. */
  get path(): string {
    return join(this.#directory, '.s.PGSQL.5432');
  }

  async stop(): Promise<void> {
    await stop(this.#server);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function idOf(user: string): { uid: number; gid: number } {
  const [uid, gid] = ['-u', '-g'].map((which) =>
    Number(spawnSync('id', [which, user]).stdout.toString()),
  );
  return { uid: uid!, gid: gid! };
}
