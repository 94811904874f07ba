import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { merge, mergeMap, NEVER, Observable, of, Subject, Subscription, tap } from 'rxjs';
import { connectTcp, listenTcp, LOOPBACK_IPV4, socketPair } from 'bipoll';
import {
  connect,
  type Connection,
  fromServer,
  fromSocket,
  type ConnectionOptions,
  type ConnectOptions,
  type EventLoop,
  listen,
  type ListenOptions,
  pacedMap,
  readiness,
  reconnect,
  serve,
} from 'bipoll/reactive';
import { race } from '../../src/reactive/race';
import { loops } from '../support/loops';
import { settled } from '../support/settled';
import { as, become, seen, whose } from '../support/stores';
import { until } from '../support/until';
import { freePort } from '../support/freePort';

const host = '127.0.0.1';

/** What the rows of a table have at hand. All of it is in the name of nobody. */
class World {
  readonly subscriptions = new Subscription();
  readonly loop: EventLoop;
  readonly server: net.Server;
  /** Those that the server has accepted. It sends back what it gets. */
  readonly peers: net.Socket[] = [];

  private constructor(loop: EventLoop, server: net.Server) {
    this.loop = loop;
    this.server = server;
    server.on('connection', (socket) => {
      this.peers.push(socket);
      socket.on('error', () => undefined).pipe(socket);
    });
  }

  /** Somebody else has opened the loop, and used it first. */
  static async open(open: () => EventLoop): Promise<World> {
    const server = net.createServer().listen(0, host);
    await once(server, 'listening');
    const loop = as('opener', open);
    await as('opener', () => settled(loop));
    return new World(loop, server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.subscriptions.unsubscribe();
    for (const peer of this.peers) peer.destroy();
    this.server.close();
    this.loop.close();
  }

  subscribe<T>(source: Observable<T>, next: (value: T) => void, error?: (e: unknown) => void) {
    this.subscriptions.add(source.subscribe({ next, error: error ?? (() => undefined) }));
  }

  connect(serve: (connection: Connection) => void, options: ConnectOptions = {}): void {
    this.subscribe(connect({ host, port: this.port }, { loop: this.loop, ...options }), serve);
  }

  /** Over a socket pair, whose other end is in our hands. */
  pair(options: ConnectionOptions = {}) {
    const [socket, peer] = socketPair();
    this.subscriptions.add(() => {
      socket.close();
      peer.close();
    });
    return { connection: fromSocket(socket, { loop: this.loop, ...options }), peer };
  }

  listen(serve: (connection: Connection) => void, options: ListenOptions = {}): () => net.Socket {
    const port = freePort(); // which it got is told a turn later
    this.subscribe(listen({ port }, { loop: this.loop, ...options }), serve);
    return () => {
      const client = net.connect(port, host).on('error', () => undefined);
      this.subscriptions.add(() => client.destroy());
      return client;
    };
  }

  netConnect(): net.Socket {
    const socket = net.connect(this.port, host).on('error', () => undefined);
    this.subscriptions.add(() => socket.destroy());
    return socket;
  }
}

interface Row {
  readonly callback: string;
  /** In whose name it is called; in that of `maker` by default. */
  readonly name?: string;
  readonly ours: (see: () => void, world: World) => void;
  /** The same with `node:net`, where it has the same. */
  readonly theirs?: (see: () => void, world: World) => void;
}

/** Work that ends in the name of somebody else. */
const work$ = new Observable<never>((subscriber) => {
  as('worker', () => {
    setTimeout(() => {
      subscriber.complete();
    });
  });
});

const rows: readonly Row[] = [
  {
    callback: 'a connection that was made',
    ours: (see, world) => {
      world.connect(see);
    },
    theirs: (see, world) => {
      world.netConnect().once('connect', see);
    },
  },
  {
    callback: 'a connection whose name had to be looked up',
    ours: (see, { loop, port, ...world }) => {
      world.subscriptions.add(
        connect({ host: 'localhost', port, family: 4 }, { loop }).subscribe(see),
      );
    },
    theirs: (see, { port }) => {
      const socket = net.connect({ port, host: 'localhost', family: 4 });
      socket.once('connect', () => {
        see();
        socket.destroy();
      });
    },
  },
  {
    callback: 'a failure to connect',
    ours: (see, { loop }) => {
      connect({ path: '/nowhere' }, { loop }).subscribe({ error: see });
    },
    theirs: (see) => {
      net.connect('/nowhere').once('error', see);
    },
  },
  {
    callback: 'a name that does not exist',
    ours: (see, { loop }) => {
      connect({ host: 'nowhere.invalid', port: 1 }, { loop }).subscribe({ error: see });
    },
    theirs: (see) => {
      net.connect(1, 'nowhere.invalid').once('error', see);
    },
  },
  {
    callback: 'a timeout of connect',
    ours: (see, { loop }) => {
      connect({ host: 'nowhere.invalid', port: 1 }, { loop, timeout: 1e-3 }).subscribe({
        error: see,
      });
    },
  },
  {
    callback: 'the next attempt of a race',
    ours: (see) => {
      race([NEVER, of(0).pipe(tap(see))], { schedule: setTimeoutScheduler } as never).subscribe();
    },
  },
  {
    callback: 'an abort, which is called where it was asked for',
    name: 'aborter',
    ours: (see, world) => {
      const controller = new AbortController();
      const { signal } = controller;
      const { loop, port } = world;
      connect({ host, port }, { loop, signal }).subscribe({
        next: () => {
          as('aborter', () => {
            controller.abort();
          });
        },
        error: see,
      });
    },
    theirs: (see, { port }) => {
      const controller = new AbortController();
      const { signal } = controller;
      const socket = net.connect({ host, port, signal } as net.NetConnectOpts);
      socket.once('error', see);
      socket.once('connect', () => {
        as('aborter', () => {
          controller.abort();
        });
      });
    },
  },
  {
    callback: 'data$',
    ours: (see, world) => {
      world.connect((made) => {
        as('writer', () => made.write('x'));
        as('subscriber', () => {
          world.subscribe(made.data$, see);
        });
      });
    },
    theirs: (see, world) => {
      const socket = world.netConnect();
      socket.once('connect', () => {
        as('writer', () => socket.write('x'));
        as('subscriber', () => {
          socket.once('data', see);
        });
      });
    },
  },
  {
    callback: 'data$ when what holds it back lets go',
    ours: (see, world) => {
      const { connection, peer } = world.pair();
      let count = 0;
      const work = () => {
        if (++count === 2) see();
        return work$;
      };
      world.subscribe(connection.data$.pipe(pacedMap(work)), () => undefined);
      peer.write(Buffer.alloc(1));
      void until(() => count === 1).then(() => peer.write(Buffer.alloc(1)));
    },
  },
  {
    callback: 'the work of pacedMap that had to wait',
    ours: (see, world) => {
      const { connection, peer } = world.pair();
      const work = (byte: number) => {
        if (byte === 2) see();
        return work$;
      };
      const bytes$ = connection.data$.pipe(mergeMap((chunk) => [...chunk]));
      world.subscribe(bytes$.pipe(pacedMap(work)), () => undefined);
      peer.write(Buffer.from([1, 2]));
    },
  },
  {
    callback: 'data$ of what had arrived for the reader before',
    ours: (see, world) => {
      const { connection, peer } = world.pair();
      const reading = connection.data$.subscribe(() => {
        reading.unsubscribe();
        as('heir', () => {
          world.subscribe(connection.data$, see);
        });
      });
      peer.write(Buffer.alloc(1));
      void settled(world.loop).then(() => peer.write(Buffer.alloc(1)));
    },
  },
  {
    callback: 'the end of data$',
    ours: (see, world) => {
      world.connect((made) => {
        world.subscriptions.add(made.data$.subscribe({ complete: see }));
        void until(() => world.peers.length > 0).then(() => world.peers[0]!.end());
      });
    },
    theirs: (see, world) => {
      world.netConnect().once('end', see).resume();
      void until(() => world.peers.length > 0).then(() => world.peers[0]!.end());
    },
  },
  {
    callback: 'a failure of data$',
    ours: (see, world) => {
      world.connect((made) => {
        world.subscribe(made.data$, () => undefined, see);
        void until(() => world.peers.length > 0).then(() => world.peers[0]!.resetAndDestroy());
      });
    },
    theirs: (see, world) => {
      world.netConnect().once('error', see).resume();
      void until(() => world.peers.length > 0).then(() => world.peers[0]!.resetAndDestroy());
    },
  },
  {
    callback: 'closed$, whoever closes it',
    ours: (see, world) => {
      world.connect((made) => {
        world.subscribe(made.closed$, see);
        as('closer', () => {
          setTimeout(() => {
            made.close();
          });
        });
      });
    },
    theirs: (see, world) => {
      const socket = world.netConnect();
      socket.once('close', see).once('connect', () => {
        as('closer', () => socket.destroy());
      });
    },
  },
  {
    callback: 'writable$',
    ours: (see, world) => {
      world.connect((made) => {
        world.subscribe(made.data$, () => undefined);
        world.subscribe(made.writable$, see);
        as('writer', () => made.write(Buffer.alloc(4_000_000)));
      });
    },
  },
  {
    callback: 'the end of send',
    ours: (see, world) => {
      world.connect((made) => {
        world.subscribe(made.data$, () => undefined);
        as('writer', () => made.send([Buffer.alloc(4_000_000)]).subscribe({ complete: see }));
      });
    },
  },
  {
    callback: 'a failure of send',
    ours: (see, world) => {
      const { connection, peer } = world.pair();
      as('writer', () => connection.send([Buffer.alloc(4_000_000)]).subscribe({ error: see }));
      void settled(world.loop).then(() => {
        peer.close();
      });
    },
  },
  {
    callback: 'idleTimeout',
    ours: (see, world) => {
      world.subscribe(world.pair({ idleTimeout: 1 }).connection.closed$, see);
    },
  },
  {
    callback: 'closeTimeout, whoever leaves',
    ours: (see, world) => {
      const { loop, port } = world;
      world.server.removeAllListeners('connection').once('connection', (peer: net.Socket) => {
        world.peers.push(peer.pause());
      });
      const leaving = connect({ host, port }, { loop, closeTimeout: 1 }).subscribe((made) => {
        world.subscribe(made.closed$, see);
        made.write(Buffer.alloc(8_000_000));
        as('leaver', () => {
          setTimeout(() => {
            leaving.unsubscribe();
          });
        });
      });
    },
  },
  {
    callback: 'reconnect, whoever closed the connection',
    ours: (see, world) => {
      let attempts = 0;
      const again = connect({ host, port: world.port }, { loop: world.loop }).pipe(
        tap((made) => {
          if (++attempts === 2) see();
          as('closer', () => {
            setTimeout(() => {
              made.close();
            });
          });
        }),
        reconnect({ delay: 1 }),
      );
      world.subscribe(again, () => undefined);
    },
  },
  {
    callback: 'readiness',
    ours: (see, world) => {
      const [socket, peer] = socketPair();
      world.subscriptions.add(() => {
        socket.close();
        peer.close();
      });
      world.subscriptions.add(
        readiness(socket, 'dataAvailable', { loop: world.loop }).subscribe(see),
      );
      as('writer', () => peer.write(Buffer.alloc(1)));
    },
  },
  {
    callback: 'onListening',
    ours: (see, world) => {
      world.listen(() => undefined, { onListening: see });
    },
    theirs: (see, world) => {
      const server = net.createServer().listen(0, see);
      world.subscriptions.add(() => server.close());
    },
  },
  {
    callback: 'a connection that was accepted',
    ours: (see, world) => {
      const client = world.listen(see);
      as('client', client);
    },
    theirs: (see, world) => {
      const server = net.createServer(see).listen(0, () => {
        const client = net.connect((server.address() as AddressInfo).port);
        world.subscriptions.add(() => client.destroy());
      });
      world.subscriptions.add(() => server.close());
    },
  },
  {
    // node:net calls back in the name of nobody.
    callback: 'data$ of a connection that was accepted',
    ours: (see, world) => {
      const client = world.listen(({ data$ }) => {
        world.subscribe(data$, see);
      });
      as('client', () => client().write('x'));
    },
  },
  {
    callback: 'a connection for which there was no room before, whoever made it',
    ours: (see, world) => {
      const accepted: Connection[] = [];
      const client = world.listen(
        (each) => {
          if (accepted.push(each) === 2) see();
        },
        { maxConnections: 1 },
      );
      client();
      client();
      void until(() => accepted.length === 1)
        .then(() => settled(world.loop))
        .then(() => {
          as('closer', () => {
            accepted[0]!.close();
          });
        });
    },
  },
];

/** What `race` asks of a scheduler, without its 250 ms. */
function setTimeoutScheduler(work: () => void): Subscription {
  const timer = setTimeout(work, 1);
  return new Subscription(() => {
    clearTimeout(timer);
  });
}

describe.each(loops)('the asynchronous context on $name', ({ open }) => {
  let world: World;
  beforeEach(async () => {
    world = await World.open(open);
  });
  afterEach(() => {
    world.close();
  });

  test.each(rows)('of $callback', async ({ ours, name = 'maker' }) => {
    expect(
      await seen('maker', (see) => {
        ours(see, world);
      }),
    ).toBe(name);
  });

  test.each(rows.flatMap(({ theirs, ...row }) => (theirs ? [{ ...row, theirs }] : [])))(
    'of $callback is as with node:net',
    async ({ theirs, name = 'maker' }) => {
      expect(
        await seen('maker', (see) => {
          theirs(see, world);
        }),
      ).toBe(name);
    },
  );

  // What was entered in a callback goes on in those that follow with the Node.js that keeps it in the resource.
  test('a name that is taken in a callback of one connection is not that of another', async () => {
    const heard: (string | undefined)[] = [];
    const client = as('maker', () =>
      world.listen(({ data$ }) => {
        world.subscribe(data$, (chunk) => {
          heard.push(whose());
          become(`whoever sent ${chunk.toString()}`);
        });
      }),
    );
    for (const byte of ['a', 'b', 'c']) {
      client().write(byte);
      await until(() => heard.length === 'abc'.indexOf(byte) + 1);
    }
    expect(heard).toEqual(['maker', 'maker', 'maker']);
  });

  test('a name that is taken while one connection is served is not that of the next', async () => {
    const heard: (string | undefined)[] = [];
    const client = as('maker', () =>
      world.listen(() => {
        heard.push(whose());
        become('whoever came first');
      }),
    );
    for (const count of [1, 2]) {
      client();
      await until(() => heard.length === count);
    }
    expect(heard).toEqual(['maker', 'maker']);
  });

  test('a connection that had to wait is not in the name of whoever made room for it', async () => {
    const heard: (string | undefined)[] = [];
    const served: Connection[] = [];
    const client = as('maker', () =>
      world.listen(
        (accepted) => {
          heard.push(whose());
          served.push(accepted);
          become('whoever came first');
        },
        { maxConnections: 1 },
      ),
    );
    client();
    client(); // within the same batch, so that it is accepted already
    await until(() => served.length === 1);
    as('closer', () => {
      served[0]!.close();
    });
    await until(() => served.length === 2);
    expect(heard).toEqual(['maker', 'maker']);
  });

  test('a handler is not in the name of whoever finished the work of another', async () => {
    const heard: (string | undefined)[] = [];
    const served: Connection[] = [];
    const servers = [listenTcp({ port: 0 }), listenTcp({ port: 0 })];
    const clients = servers.map(({ port }) => connectTcp({ host: LOOPBACK_IPV4, port }));
    const work = new Subject<never>();
    const handle = (connection: Connection) => {
      heard.push(whose());
      served.push(connection);
      return work;
    };
    const accepted$ = merge(...servers.map((server) => fromServer(server, { loop: world.loop })));
    let arrived = 0;
    const serving = as('maker', () =>
      accepted$
        .pipe(
          tap(() => arrived++),
          serve(handle, { maxConnections: 1 }),
        )
        .subscribe(),
    );
    await until(() => arrived === 2, 'both');
    served[0]!.close();
    as('whoever finished the work', () => {
      work.complete();
    });
    await until(() => served.length === 2, 'the second');
    expect(heard).toEqual(['maker', 'maker']);
    serving.unsubscribe();
    for (const socket of [...servers, ...clients]) socket.close();
  });
});
