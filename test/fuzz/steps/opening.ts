import {
  connectLocal,
  connectTcp,
  listenLocal,
  listenTcp,
  LocalServer,
  socketPair,
  type StreamSocket,
  TcpServer,
} from 'bipoll';
import { accept, poll } from 'bipoll/sync';
import { PATIENCE } from '../../support/patience';
import { expectThat, outcomeOf } from '../Expected';
import type { ServerEnd } from '../ServerEnd';
import { choose, type StepKind } from '../Step';
import type { World } from '../World';

const timeout = PATIENCE;
const MAX_SERVERS = 3;
const MAX_ENDS = 24;
const MAX_BACKLOG = 5;

const hasRoom = (world: World) => world.ends.length < MAX_ENDS;

const listen: StepKind<true> = {
  name: 'listen',
  find: ({ servers }) => servers.length < MAX_SERVERS || null,
  run(world, _, detail) {
    const isLocal = detail % 2 === 0;
    world.addServer(
      isLocal ? listenLocal({ path: world.freshPath() }) : listenTcp({ port: 0 }),
      isLocal,
    );
  },
};

/** Begins to connect to it. */
function connectTo({ socket }: ServerEnd): StreamSocket {
  if (socket instanceof LocalServer) return connectLocal({ path: socket.path });
  expectThat(socket instanceof TcpServer, 'a server is of no known kind');
  return connectTcp({ host: socket.host, port: socket.port });
}

const connect: StepKind<ServerEnd> = {
  name: 'connect',
  find: (world, choice) => {
    const ready = world.servers.filter(({ backlog }) => backlog.length < MAX_BACKLOG);
    return hasRoom(world) ? choose(ready, choice) : null;
  },
  run(world, server) {
    const client = connectTo(server);
    expectThat(poll(client, 'connectionSucceeded', timeout) !== null, 'a client does not connect');
    server.backlog.push(world.addPair(server.isLocal, client, null)[1]);
  },
};

const connectToNobody: StepKind<true> = {
  name: 'connectToNobody',
  find: (world) => hasRoom(world) || null,
  run(world) {
    const server = listenTcp({ port: 0 });
    server.close();
    const client = connectTcp({ host: server.host, port: server.port });
    world.addRefused(client);
    expectThat(poll(client, 'determined', timeout) !== null, 'a refusal is not told');
    expectThat(client.connectionError()?.code === 'ECONNREFUSED', 'a refusal is another error');
  },
};

const pair: StepKind<true> = {
  name: 'pair',
  find: (world) => hasRoom(world) || null,
  run(world) {
    world.addPair(true, ...socketPair());
  },
};

const accepting: StepKind<ServerEnd> = {
  name: 'accept',
  find: (world, choice) => (hasRoom(world) ? choose(world.servers, choice) : null),
  run(world, { backlog, socket: server }, detail) {
    const end = backlog.shift();
    if (!end) {
      expectThat(outcomeOf(() => server.accept()) === 'EAGAIN', 'nobody is accepted');
      return;
    }
    const isBlocking = detail % 2 === 0;
    if (!isBlocking) poll(server, 'connectionAvailable', timeout);
    world.addAccepted(end, isBlocking ? accept(server, { timeout }) : server.accept());
  },
};

const closeServer: StepKind<ServerEnd> = {
  name: 'closeServer',
  find: ({ servers }, choice) => choose(servers, choice),
  run(world, server) {
    server.socket.close();
    world.removeServer(server);
  },
};

/** Connections are opened, accepted and refused. */
export const opening = [listen, connect, connectToNobody, pair, accepting, closeServer] as const;
