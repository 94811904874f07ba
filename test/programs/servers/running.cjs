// Servers of others, for the programs that talk to them: each in a directory of its own, on loopback or a path.
const { spawn, spawnSync } = require('node:child_process');
const { randomInt } = require('node:crypto');
const { once } = require('node:events');
const { chmodSync, chownSync, mkdtempSync, rmSync } = require('node:fs');
const { createServer } = require('node:net');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { createInterface } = require('node:readline');

/** Without the sanitizer that a test may run under: these programs are not ours. */
const env = { ...process.env, LD_PRELOAD: '' };

const isRoot = process.getuid?.() === 0;

/**
 * A directory that goes with the server.
 *
 * @param user whose it is, and who is to run the server, if we are root and it refuses to be run by root
 * @returns `{ directory, identity }`; identity is for the options of `start`
 */
function directoryFor(name, user) {
  const directory = mkdtempSync(join(tmpdir(), `bipoll-${name}-`));
  const identity = isRoot && user ? identityOf(user) : {};
  if (isRoot && user) chownSync(directory, identity.uid, identity.gid);
  chmodSync(directory, user ? 0o700 : 0o755);
  return { directory, identity };
}

function identityOf(user) {
  const [uid, gid] = ['-u', '-g'].map((which) => Number(run('id', [which, user])));
  return { uid, gid };
}

/** Who we are, for servers that are to change to a user. */
const userName = () => run('id', ['-un']).trim();

/** Runs a program to its end. @returns its output */
function run(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { env, ...options });
  if (status !== 0) throw error ?? new Error(`${program}: ${stderr}`);
  return stdout.toString();
}

/**
 * Starts a server, and waits for the line that says that it is ready.
 *
 * @returns a function that stops it and removes its directory
 */
async function start(directory, program, args, { ready, identity = {} }) {
  const options = { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'], ...identity };
  const server = spawn(program, args, options);
  const exit = once(server, 'exit');
  await untilSaid(server, ready);
  return async () => {
    server.kill('SIGTERM');
    await exit;
    rmSync(directory, { recursive: true, force: true });
  };
}

function untilSaid(server, ready) {
  return new Promise((resolve, reject) => {
    const said = [];
    for (const output of [server.stdout, server.stderr]) {
      createInterface({ input: output }).on('line', (line) => {
        said.push(line);
        if (ready.test(line)) resolve();
      });
    }
    server.once('error', reject).once('close', () => {
      reject(new Error(`It ended and has only said: ${said.join('\n')}`));
    });
  });
}

/** A port that was free a moment ago, for a server that cannot be asked which one it got. */
async function freePort() {
  for (;;) {
    const port = randomInt(10_000, 32_768); // nobody is given one of these by the system
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.close();
    if (isFree) return port;
  }
}

module.exports = { directoryFor, freePort, isRoot, run, start, userName };
