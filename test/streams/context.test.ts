import { once } from 'node:events';
import * as http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { connect, type Connection, type EventLoop } from 'bipoll/reactive';
import { toAsyncIterable, toDuplex, toWebStreams } from 'bipoll/streams';
import { loops } from '../support/loops';
import { settled } from '../support/settled';
import { as, seen, whose } from '../support/stores';
import { until } from '../support/until';
import { Served } from './served';

const host = '127.0.0.1';

interface StreamRow {
  readonly event: string;
  /** In whose name it is told; in that of `maker` by default. */
  readonly name?: string;
  /** What is done with a stream, ours or that of `node:net`, to an echo service. */
  readonly run: (socket: net.Socket, see: () => void, resetByPeer: () => void) => void;
}

const rows: readonly StreamRow[] = [
  {
    event: 'data',
    run: (socket, see) => {
      as('writer', () => socket.write('x'));
      socket.once('data', see);
    },
  },
  {
    event: 'end',
    run: (socket, see) => {
      as('writer', () => socket.end('x'));
      socket.once('end', see).resume();
    },
  },
  {
    event: 'close',
    run: (socket, see) => {
      socket.once('close', see);
      as('closer', () => {
        setTimeout(() => socket.destroy());
      });
    },
  },
  {
    event: 'error',
    run: (socket, see, resetByPeer) => {
      socket.once('error', see).resume();
      resetByPeer();
    },
  },
  {
    event: 'drain',
    name: 'writer',
    run: (socket, see) => {
      socket.once('drain', see).resume();
      as('writer', () => {
        while (socket.write(Buffer.alloc(4_000_000))); // a system may take that much at once
      });
    },
  },
  {
    event: 'the callback of write',
    name: 'writer',
    run: (socket, see) => {
      socket.resume();
      as('writer', () => socket.write(Buffer.alloc(4_000_000), see));
    },
  },
  {
    event: 'the callback of end',
    name: 'writer',
    run: (socket, see) => {
      socket.resume();
      as('writer', () => socket.end(Buffer.alloc(4_000_000), see));
    },
  },
  {
    event: 'timeout',
    name: 'timer',
    run: (socket, see) => {
      as('timer', () => socket.setTimeout(1, see));
    },
  },
];

describe.each(loops)('the asynchronous context on $name', ({ open }) => {
  let loop: EventLoop;
  let server: net.Server;
  const peers: net.Socket[] = [];
  beforeEach(async () => {
    server = net.createServer({ allowHalfOpen: false }, (socket) => {
      peers.push(socket);
      socket.on('error', () => undefined).pipe(socket);
    });
    await once(server.listen(0, host), 'listening');
    // Somebody else has opened the loop, and used it first.
    loop = as('opener', open);
    await as('opener', () => settled(loop));
  });
  afterEach(() => {
    for (const peer of peers.splice(0)) peer.destroy();
    server.close();
    loop.close();
  });

  const port = () => (server.address() as AddressInfo).port;

  const resetByPeer = () => {
    void until(() => peers.length > 0).then(() => peers[0]!.resetAndDestroy());
  };

  function connected(serve: (connection: Connection) => void): void {
    connect({ host, port: port() }, { loop }).subscribe({ next: serve, error: () => undefined });
  }

  test.each(rows)('of $event of a Duplex', async ({ run, name = 'maker' }) => {
    const store = await seen('maker', (see) => {
      connected((connection) => {
        run(
          toDuplex(connection).on('error', () => undefined) as unknown as net.Socket,
          see,
          resetByPeer,
        );
      });
    });
    expect(store).toBe(name);
  });

  test.each(rows)('of $event is as with node:net', async ({ run, name = 'maker' }) => {
    const store = await seen('maker', (see) => {
      const socket = net.connect(port(), host).on('error', () => undefined);
      socket.once('connect', () => {
        run(socket, see, resetByPeer);
      });
    });
    expect(store).toBe(name);
  });

  test('of whoever awaits an async iterable', async () => {
    const store = await seen('maker', (see, reject) => {
      connected((connection) => {
        const chunks = toAsyncIterable(connection);
        as('reader', () => void chunks.next().then(see, reject));
        as('writer', () => connection.write('x'));
      });
    });
    expect(store).toBe('reader');
  });

  test('of whoever reads, and whoever writes, Web Streams', async () => {
    const stores: (string | undefined)[] = [];
    await new Promise<void>((resolve, reject) => {
      connected((connection) => {
        const { readable, writable } = toWebStreams(connection);
        const see = () => {
          if (stores.push(whose()) === 2) resolve();
        };
        as('reader', () => void readable.getReader().read().then(see, reject));
        as('writer', () => {
          void writable.getWriter().write(Buffer.from('x')).then(see, reject);
        });
      });
    });
    expect(stores.sort()).toEqual(['reader', 'writer']);
  });

  describe('with node:http', () => {
    let served: Served | undefined;
    afterEach(async () => {
      await served?.close();
      served = undefined;
    });

    /** Asks several times over one connection, and returns what the server saw in the end of each request. */
    async function ask(agent: http.Agent, at: number): Promise<string[]> {
      const answers: string[] = [];
      for (const path of ['/a', '/b', '/c']) {
        const request = http.request({ agent, host, port: at, path, method: 'POST' });
        const response = once(request.end('body'), 'response');
        const [answer] = (await response) as [http.IncomingMessage];
        answers.push((await answer.setEncoding('utf8').toArray()).join(''));
      }
      return answers;
    }

    /** Does each request in a name of its own, and tells whose it is after all that it waits for. */
    async function handle(request: http.IncomingMessage, response: http.ServerResponse) {
      await request.toArray();
      await turn();
      await new Promise<void>((resolve) =>
        response.write('it is ', () => {
          resolve();
        }),
      );
      response.end(whose());
    }

    const requests = () =>
      http.createServer((request, response) => {
        as(`whoever asked for ${request.url}`, () => void handle(request, response));
      });
    const told = ['/a', '/b', '/c'].map((url) => `it is whoever asked for ${url}`);

    test('each request to a server has its own', async () => {
      const server = requests();
      served = new Served(loop, (stream) => server.emit('connection', stream));
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      await served.listening;
      expect(await ask(agent, served.port)).toEqual(told);
      agent.destroy();
    });

    test('which is as with a server over node:net', async () => {
      const server = requests();
      await once(server.listen(0, host), 'listening');
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      expect(await ask(agent, (server.address() as AddressInfo).port)).toEqual(told);
      agent.destroy();
      server.close();
    });

    test('each request of a client that keeps its connection has its own', async () => {
      const server = http.createServer((_request, response) => response.end('x'));
      served = new Served(loop, (stream) => server.emit('connection', stream));
      const stream: Duplex = await as('opener', () => served!.connect());
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      (agent as unknown as { createConnection: () => Duplex }).createConnection = () => stream;
      for (const name of ['first', 'second']) {
        const store = await seen(name, (see) => {
          const request = http.get({ agent, host, port: served!.port }, (response) => {
            response.once('end', see).resume();
          });
          request.once('error', see);
        });
        expect(store).toBe(name);
        await turn();
      }
      agent.destroy();
    });
  });
});
