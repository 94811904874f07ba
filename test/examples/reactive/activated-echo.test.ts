import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { capabilities, listenLocal, listenTcp, type StreamServer } from 'bipoll';
import { connect, readExactly, writeAll } from 'bipoll/sync';
import { freshPath } from '../../support/freshPath';
import { outputOf, startExample } from '../../support/example';
import { PATIENCE } from '../../support/patience';
import { exitOf } from '../../support/script';
import { describeWhere } from '../../support/where';

const limit = { timeout: PATIENCE };
const root = join(__dirname, '../../..');
const program = join(root, 'examples/reactive/activated-echo.ts');

/** Starts it as systemd does, with these servers as 3 and the next. */
function activate(servers: readonly StreamServer[]) {
  const command = `LISTEN_PID=$$ LISTEN_FDS=${servers.length} exec "$0" --import tsx "$1"`;
  return spawn('sh', ['-c', command, process.execPath, program], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit', ...servers.map(({ fd }) => fd)],
    env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' },
  });
}

describeWhere(capabilities().features.descriptorPassing, 'Windows inherits no descriptors')(
  'the echo that systemd starts',
  () => {
    test('serves at each socket that it is given, until it is told to stop', async () => {
      using server = listenTcp({ port: 0 });
      using local = listenLocal({ path: freshPath() });
      const child = activate([server, local]);
      const exit = exitOf(child);
      for (const target of [{ host: server.host, port: server.port }, { path: local.path }]) {
        using client = connect(target, limit);
        writeAll(client, 'hello', limit);
        expect(String(readExactly(client, 5, limit))).toBe('hello');
      }
      child.kill('SIGTERM');
      expect(await exit).toBe(0);
    });
  },
);

test('without a socket it says how to start it', async () => {
  const child = startExample('reactive/activated-echo', [], ['ignore', 'ignore', 'pipe']);
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await outputOf(child);
  expect(said).toContain('systemd-socket-activate');
  expect(child.exitCode).toBe(2);
});
