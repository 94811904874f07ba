import { type ChildProcess, spawn } from 'node:child_process';
import {
  bindUdp,
  capabilities,
  listenLocal,
  listenLocalPackets,
  listenTcp,
  LOOPBACK_IPV6,
  type Socket,
} from 'bipoll';
import { connect, readSome } from 'bipoll/sync';
import { freshPath } from '../support/freshPath';
import { outputOf } from '../support/example';
import { PATIENCE } from '../support/patience';
import { exitOf } from '../support/script';
import { until } from '../support/until';
import { describeWhere } from '../support/where';
import { unwatched, whereInstalled } from '../support/whereInstalled';

const limit = { timeout: PATIENCE };

/** Tells, as JSON, what `inheritedServers` gives, and what is left in the environment. */
const TELL = `
  const left = () => Object.keys(process.env).filter((name) => name.startsWith('LISTEN_'));
  try {
    const servers = bipoll.inheritedServers().map((server) => [server.constructor.name, server.name, server.fd]);
    console.log(JSON.stringify({ servers, left: left(), again: bipoll.inheritedServers().length }));
  } catch (error) {
    console.log(JSON.stringify({ code: error.code, message: error.message, left: left() }));
  }
`;

interface Told {
  servers?: [kind: string, name: string, fd: number][];
  again?: number;
  left: string[];
  code?: string;
  message?: string;
}

/** Starts a program as a service manager does, with these sockets as 3 and the next. `$$` is its process id. */
function startWith(
  sockets: readonly Socket[],
  variables: Record<string, string>,
  program: string,
): ChildProcess {
  const script = `const bipoll = require('bipoll');${program}`;
  const settings = Object.entries(variables).map(([name, value]) => `${name}="${value}"`);
  return spawn('sh', ['-c', `${settings.join(' ')} exec "$0" -e "$1"`, process.execPath, script], {
    stdio: ['ignore', 'pipe', 'inherit', ...sockets.map(({ fd }) => fd)],
    env: process.env,
  });
}

async function toldOf(
  sockets: readonly Socket[],
  variables: Record<string, string>,
): Promise<Told> {
  return JSON.parse(await outputOf(startWith(sockets, variables, TELL))) as Told;
}

describeWhere(capabilities().features.descriptorPassing, 'Windows inherits no descriptors')(
  'a process that a service manager started',
  () => {
    test('has the servers in their order, of whatever kind, each with its name', async () => {
      using overIPv4 = listenTcp({ port: 0 });
      using overIPv6 = listenTcp({ host: LOOPBACK_IPV6, port: 0 });
      using local = listenLocal({ path: freshPath() });
      const told = await toldOf([overIPv4, local, overIPv6], {
        LISTEN_PID: '$$',
        LISTEN_FDS: '3',
        LISTEN_FDNAMES: 'web:control:',
      });
      expect(told).toEqual({
        servers: [
          ['TcpServer', 'web', 3],
          ['LocalServer', 'control', 4],
          ['TcpServer', '', 5],
        ],
        left: [],
        again: 0,
      });
    });

    test('needs no names', async () => {
      using server = listenTcp({ port: 0 });
      const { servers } = await toldOf([server], { LISTEN_PID: '$$', LISTEN_FDS: '1' });
      expect(servers).toEqual([['TcpServer', '', 3]]);
    });

    describeWhere(capabilities().features.localPackets, 'there are none here')(
      'with local packets',
      () => {
        test('has a server of them', async () => {
          using server = listenLocalPackets({ path: freshPath() });
          const { servers } = await toldOf([server], { LISTEN_PID: '$$', LISTEN_FDS: '1' });
          expect(servers).toEqual([['LocalPacketServer', '', 3]]);
        });
      },
    );

    test('answers those that connect', async () => {
      using server = listenTcp({ port: 0 });
      const child = startWith(
        [server],
        { LISTEN_PID: '$$', LISTEN_FDS: '1' },
        `const { accept, writeAll } = require('bipoll/sync');
        const [server] = bipoll.inheritedServers();
        const client = accept(server, { timeout: ${PATIENCE} });
        writeAll(client, 'port ' + server.port, { timeout: ${PATIENCE} });
        client.close();`,
      );
      using client = connect({ host: server.host, port: server.port }, limit);
      const exit = exitOf(child);
      expect(String(readSome(client, limit))).toBe(`port ${server.port}`);
      expect(await exit).toBe(0);
    });

    test('has none that are meant for another process, whose variables go all the same', async () => {
      using server = listenTcp({ port: 0 });
      const told = await toldOf([server], { LISTEN_PID: '1', LISTEN_FDS: '1' });
      expect(told).toEqual({ servers: [], left: [], again: 0 });
    });

    test.each([
      {},
      { LISTEN_PID: '$$' },
      { LISTEN_FDS: '1' },
      { LISTEN_PID: '$$', LISTEN_FDS: '0' },
    ])('has none by %p', async (variables) => {
      expect(await toldOf([], variables)).toEqual({ servers: [], left: [], again: 0 });
    });

    test('keeps what does not listen for adopt, and its children inherit neither', async () => {
      using datagrams = bindUdp();
      using server = listenTcp({ port: 0 });
      const child = startWith(
        [datagrams, server],
        { LISTEN_PID: '$$', LISTEN_FDS: '2' },
        `const servers = bipoll.inheritedServers();
        const isOpen = 'for fd in 3 4; do (: >&$fd) 2>&- && echo inherited; done; echo over';
        const { stdout } = require('node:child_process').spawnSync('sh', ['-c', isOpen], { encoding: 'utf8' });
        const udp = bipoll.adopt(3, 'udp');
        console.log(servers.length, servers[0].fd, udp.localPort, stdout.trim());`,
      );
      expect(await outputOf(child)).toBe(`1 4 ${datagrams.localPort} over\n`);
    });

    test.each([
      [{ LISTEN_PID: 'me', LISTEN_FDS: '1' }, 'LISTEN_PID'],
      [{ LISTEN_PID: '$$', LISTEN_FDS: '-1' }, 'LISTEN_FDS'],
      [{ LISTEN_PID: '$$', LISTEN_FDS: '1.5' }, 'LISTEN_FDS'],
      [{ LISTEN_PID: '$$', LISTEN_FDS: '99999999' }, 'LISTEN_FDS'],
      [{ LISTEN_PID: '$$', LISTEN_FDS: '1', LISTEN_FDNAMES: 'a:b' }, 'LISTEN_FDNAMES'],
    ])('refuses %p, and says which variable is wrong', async (variables, name) => {
      using server = listenTcp({ port: 0 });
      const told = await toldOf([server], variables);
      expect(told).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', left: [] });
      expect(told.message).toContain(`process.env.${name}'`);
    });

    test('is told of a descriptor that is not open, and has those before it to adopt', async () => {
      using server = listenTcp({ port: 0 });
      const child = startWith(
        [server],
        { LISTEN_PID: '$$', LISTEN_FDS: '60' },
        `try {
          bipoll.inheritedServers();
        } catch (error) {
          console.log(error.code, bipoll.adopt(3, 'tcpServer').port);
        }`,
      );
      expect(await outputOf(child)).toBe(`EBADF ${server.port}\n`);
    });
  },
);

whereInstalled('systemd-socket-activate')('systemd-socket-activate', () => {
  test('passes a server of TCP and a local one, by their names', async () => {
    const free = listenTcp({ port: 0 });
    const { host, port } = free;
    free.close();
    const path = freshPath();
    const script = `const bipoll = require('bipoll');${TELL}`;
    const listening = ['--listen', `${host}:${port}`, '--listen', path, '--fdname', 'web:control'];
    const child = spawn('systemd-socket-activate', [...listening, process.execPath, '-e', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: unwatched,
    });
    const output = outputOf(child);
    let client: Socket | null = null;
    await until(() => {
      try {
        client = connect({ host, port }, limit); // which starts the program
        return true;
      } catch {
        return false; // it does not listen yet
      }
    });
    const { servers } = JSON.parse(await output) as Told;
    expect(servers).toEqual([
      ['TcpServer', 'web', 3],
      ['LocalServer', 'control', 4],
    ]);
    (client as Socket | null)?.close();
  });
});
