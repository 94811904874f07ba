const { readdirSync } = require('node:fs');
const { join } = require('node:path');
const { directoryFor, run, start } = require('./running.cjs');

/** Debian keeps its programs out of PATH. */
const VERSIONS = '/usr/lib/postgresql';

/** A PostgreSQL with the user `tester`: `{ directory, target, stop }`. */
exports.postgres = async () => {
  const programs = join(VERSIONS, readdirSync(VERSIONS).at(-1), 'bin');
  const { directory, identity } = directoryFor('postgres', 'postgres');
  const data = join(directory, 'data');
  const init = ['-D', data, '-U', 'tester', '--auth', 'trust', '--no-sync'];
  run(join(programs, 'initdb'), init, { cwd: directory, ...identity });
  const args = ['-D', data, '-c', 'listen_addresses=', '-k', directory, '-F'];
  const options = { ready: /ready to accept connections/, identity };
  const stop = await start(directory, join(programs, 'postgres'), args, options);
  return { directory, target: { path: join(directory, '.s.PGSQL.5432') }, stop };
};
