import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import {
  connectLocal,
  listenLocal,
  type LocalStream,
  socketPair,
  SocketError,
  StaleSocketError,
} from 'bipoll';
import { accept, connect, poll, readExactly } from 'bipoll/sync';
import { backends } from '../support/backends';
import { freshFile, freshPath } from '../support/freshPath';
import { PATIENCE } from '../support/patience';
import { runCutShort, runScript } from '../support/script';
import { describeWhere, isWindows, testWhere } from '../support/where';

const SOON = PATIENCE;

const withFiles = testWhere(!isWindows, 'a pipe has no file');

/** A path with a socket file whose server was killed. */
function stalePath(): string {
  const path = freshPath();
  const script = `
    import { listenLocal } from 'bipoll';
    listenLocal({ path: ${JSON.stringify(path)} });
    process.kill(process.pid, 'SIGKILL');`;
  spawnSync(process.execPath, ['--input-type=module', '--eval', script]);
  expect(existsSync(path)).toBe(true);
  return path;
}

withFiles('the path exists while the server is open, and is removed when it closes', () => {
  const path = freshPath();
  const server = listenLocal({ path });
  expect(statSync(path).isSocket()).toBe(true);
  expect(server.path).toBe(path);
  server.close();
  expect(existsSync(path)).toBe(false);
});

test('both ends know the path', () => {
  using server = listenLocal({ path: freshPath() });
  using client = connectLocal({ path: server.path });
  using remote = accept(server, { timeout: SOON });
  expect(client.path).toBe(server.path);
  expect(remote.path).toBe(server.path);
});

withFiles("the socket file is its owner's alone, or has the mode that was asked for", () => {
  using server = listenLocal({ path: freshPath() });
  expect(statSync(server.path).mode & 0o777).toBe(0o600);
  using open = listenLocal({ path: freshPath(), mode: 0o666 });
  expect(statSync(open.path).mode & 0o777).toBe(0o666);
});

test('a path that is taken is refused', () => {
  using server = listenLocal({ path: freshPath() });
  for (const replaceStale of [false, true]) {
    expect(() => listenLocal({ path: server.path, replaceStale })).toThrow(
      expect.objectContaining({ code: 'EADDRINUSE', syscall: 'listen', path: server.path }),
    );
  }
  using client = connectLocal({ path: server.path });
  expect(client.connectionSucceeded()).toBe(true);
});

withFiles('a file that is no socket is never replaced', () => {
  const path = freshFile();
  writeFileSync(path, 'precious');
  expect(() => listenLocal({ path, replaceStale: true })).toThrow(/EADDRINUSE/);
  expect(readFileSync(path, 'utf8')).toBe('precious');
});

withFiles('a stale socket file is reported as such, and taken over only on request', () => {
  const path = stalePath();
  expect(() => listenLocal({ path })).toThrow(StaleSocketError);
  expect(() => listenLocal({ path })).toThrow(
    expect.objectContaining({
      code: 'EADDRINUSE',
      path,
      message: expect.stringContaining('stale'),
    }),
  );
  expect(() => connectLocal({ path })).toThrow(expect.objectContaining({ code: 'ECONNREFUSED' }));
  using server = listenLocal({ path, replaceStale: true });
  using client = connectLocal({ path: server.path });
  expect(client.connectionSucceeded()).toBe(true);
});

withFiles('a server removes only the file that it made', () => {
  const path = freshPath();
  const server = listenLocal({ path });
  renameSync(path, `${path}.moved`);
  using other = listenLocal({ path });
  server.close();
  expect(existsSync(other.path)).toBe(true);
});

withFiles('a server at a relative path removes its file from whatever directory', () => {
  const path = freshPath();
  const { stderr } = runScript(
    `import { existsSync } from 'node:fs';
     import { basename, dirname } from 'node:path';
     import { listenLocal } from 'bipoll';
     const path = ${JSON.stringify(path)};
     process.chdir(dirname(path));
     const server = listenLocal({ path: basename(path) });
     process.chdir('/');
     if (!existsSync(path)) throw new Error('It was never there');
     server.close();`,
  );
  expect(stderr).toBe('');
  expect(existsSync(path)).toBe(false);
});

describeWhere(!isWindows, 'pipes of Windows are no files')('the file of a server', () => {
  test.each([
    ['has nothing to do any more', ''],
    ['calls process.exit()', 'process.exit();'],
    ['fails with an uncaught error', "throw new Error('mine');"],
    ['lets others look at the server while it exits', "process.on('exit', () => server.close());"],
  ])('goes with a process that %s', (_how, end) => {
    const path = freshPath();
    const { stdout } = runCutShort(
      `import { existsSync } from 'node:fs';
       import { listenLocal } from 'bipoll';
       const path = ${JSON.stringify(path)};
       const server = listenLocal({ path });
       console.log(existsSync(path));
       ${end}`,
    );
    expect(stdout).toBe('true\n');
    expect(existsSync(path)).toBe(false);
  });

  test('stays after process.exit() if it is not to be deleted', () => {
    const path = freshPath();
    runCutShort(
      `import { listenLocal } from 'bipoll';
       const server = listenLocal({ path: ${JSON.stringify(path)}, deleteOnClose: false });
       process.exit();`,
    );
    expect(existsSync(path)).toBe(true);
  });
});

withFiles('deleteOnClose: false leaves the file', () => {
  const path = freshPath();
  listenLocal({ path, deleteOnClose: false }).close();
  expect(existsSync(path)).toBe(true);
});

test('connecting to no server is an error at once', () => {
  const path = freshPath();
  expect(() => connectLocal({ path })).toThrow(SocketError);
  expect(() => connectLocal({ path })).toThrow(
    expect.objectContaining({ code: 'ENOENT', syscall: 'connect', path }),
  );
});

test('a path is never truncated', () => {
  const path = freshPath().padEnd(300, 'x');
  for (const call of [listenLocal, connectLocal]) {
    expect(() => call({ path })).toThrow(expect.objectContaining({ code: 'ENAMETOOLONG', path }));
  }
  // Its bytes count, not its letters.
  expect(() => listenLocal({ path: freshPath().padEnd(isWindows ? 300 : 100, 'ä') })).toThrow(
    /ENAMETOOLONG/,
  );
});

test.each([
  ['an empty path', '', 'ERR_INVALID_ARG_VALUE'],
  ['a path with a NUL', '/tmp/a\0b', 'ERR_INVALID_ARG_VALUE'],
  ['no string', 5, 'ERR_INVALID_ARG_TYPE'],
])('%s is refused', (_what, path, code) => {
  for (const call of [listenLocal, connectLocal] as ((options: unknown) => unknown)[]) {
    expect(() => call({ path })).toThrow(expect.objectContaining({ code }));
  }
});

test('who waits for a place in a full backlog is connected once there is one', () => {
  using server = listenLocal({ path: freshPath(), backlog: 0 });
  const clients = [connectLocal({ path: server.path })];
  while (clients.at(-1)?.determined()) clients.push(connectLocal({ path: server.path }));
  const waiting = clients.at(-1)!;
  expect(waiting.readyToWrite()).toBe(false);
  expect(waiting.read(Buffer.alloc(1))).toBe(0);
  expect(waiting.write(Buffer.alloc(1))).toBe(0);
  expect(poll(waiting, 'determined', 5)).toBeNull();
  expect(() => connect({ path: server.path }, { timeout: 5 })).toThrow(
    expect.objectContaining({ code: 'ETIMEDOUT' }),
  );
  accept(server, { timeout: SOON }).close();
  expect(poll(waiting, 'connectionSucceeded', SOON)).toBe('connectionSucceeded');
  for (const client of clients) client.close();
});

test('the ends of a pair are connected, and have no path', () => {
  const [left, right] = socketPair();
  left.write(Buffer.from('x'));
  expect(poll(right, 'dataAvailable', SOON)).toBe('dataAvailable');
  expect([left.path, right.path]).toEqual(['', '']);
  left.close();
  expect(poll(right, ['remoteDisconnected', 'readyToWrite'], SOON)).toEqual(['remoteDisconnected']);
  right.close();
});

test('a peer that closed a local stream leaves it not ready to write', () => {
  const [left, right] = socketPair();
  right.close();
  expect(poll(left, 'remoteDisconnected', SOON)).toBe('remoteDisconnected');
  expect(left.readyToWrite()).toBe(false);
  expect(() => left.write(Buffer.from('x'))).toThrow(expect.objectContaining({ code: 'EPIPE' }));
  left.close();
});

test('peer credentials tell who is at the other end', () => {
  using server = listenLocal({ path: freshPath() });
  using client = connectLocal({ path: server.path });
  using remote = accept(server, { timeout: SOON });
  // Some systems do not tell the process.
  const pid = backends.includes('epoll') ? process.pid : client.peerCredentials()!.pid;
  expect([process.pid, null]).toContain(pid);
  // Nor its groups. Node adds the effective one to ours.
  const groups = client.peerCredentials()!.groups;
  expect(process.getgroups?.() ?? []).toEqual(expect.arrayContaining([...(groups ?? [])]));
  const self = { pid, uid: process.getuid?.() ?? null, gid: process.getgid?.() ?? null, groups };
  expect(client.peerCredentials()).toEqual(self);
  expect(remote.peerCredentials()).toEqual(self);
});

const wherePassed = describeWhere(!isWindows, 'pipes pass no descriptors');
wherePassed('descriptors', () => {
  test('are passed together with bytes, as the sockets that they are', () => {
    const [left, right] = socketPair();
    const [one, other] = socketPair();
    using server = listenLocal({ path: freshPath() });
    expect(left.sendDescriptors(Buffer.from('hi'), [one, server])).toBe(2);
    one.close();
    poll(right, 'dataAvailable', SOON);
    const buffer = Buffer.alloc(10);
    const { bytes, sockets } = right.receiveDescriptors(buffer);
    expect(bytes).toBe(2);
    expect(sockets.map((socket) => socket.constructor.name)).toEqual([
      'LocalStream',
      'LocalServer',
    ]);
    other.write(Buffer.from('through'));
    const received = sockets[0] as LocalStream;
    expect(readExactly(received, 7, { timeout: SOON }).toString()).toBe('through');
    expect(right.receiveDescriptors(buffer)).toEqual({ bytes: 0, sockets: [] });
    left.close();
    expect(right.receiveDescriptors(buffer)).toEqual({ bytes: null, sockets: [] });
    for (const socket of [right, other, ...sockets]) socket.close();
  });

  test('are refused where they make no sense', () => {
    const [left, right] = socketPair();
    const send = left.sendDescriptors.bind(left) as (...args: unknown[]) => unknown;
    expect(() => send(Buffer.alloc(0), [right])).toThrow(/at least one byte/);
    expect(() => send(Buffer.alloc(1), right)).toThrow(/an array of sockets/);
    expect(() => send(Buffer.alloc(1), [{}])).toThrow(/sockets\[0\]/);
    expect(() => send(Buffer.alloc(1), Array(65).fill(right))).toThrow(/at most 64/);
    left.close();
    right.close();
    expect(() => send(Buffer.alloc(1), [right])).toThrow(/closed/);
  });
});
