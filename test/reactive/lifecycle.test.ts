import diagnostics from 'node:diagnostics_channel';
import { type Subscription, tap } from 'rxjs';
import type { LocalServer, StreamServer, StreamSocket, TcpServer } from 'bipoll';
import { connect, type Connection, type ConnectionClosed, type EventLoop } from 'bipoll/reactive';
import { writeAll } from 'bipoll/sync';
import { loops } from '../support/loops';
import { fill, Pair } from '../support/Pair';
import { PATIENCE } from '../support/patience';
import { settled } from '../support/settled';
import { transports } from '../support/transports';
import { until } from '../support/until';
import { testWhere } from '../support/where';

const timeout = PATIENCE;

const cases = loops.flatMap((loop) => transports.map((transport) => ({ loop, transport })));

describe.each(cases)('the life of a connection over $transport.name on $loop.name', (each) => {
  let loop: EventLoop;
  let server: StreamServer;
  let closed: ConnectionClosed[];
  const onClosed = (message: unknown) => closed.push(message as ConnectionClosed);
  beforeEach(() => {
    loop = each.loop.open();
    server = each.transport.listen();
    closed = [];
    diagnostics.subscribe('bipoll:connection:close', onClosed);
  });
  afterEach(() => {
    diagnostics.unsubscribe('bipoll:connection:close', onClosed);
    server.close();
    loop.close();
  });

  const closesOf = (connection: Connection) =>
    closed.filter((each) => each.connection === connection);

  interface Connected {
    subscription: Subscription;
    connection: Connection;
    peer: StreamSocket;
  }

  async function connected(allowHalfOpen = false): Promise<Connected> {
    let connection: Connection | undefined;
    const subscription = connect(server as TcpServer | LocalServer, {
      loop,
      allowHalfOpen,
      closeTimeout: 50,
    }).subscribe({
      next: (made) => (connection = made),
      error: () => undefined,
    });
    await until(() => server.connectionAvailable());
    const peer = server.accept();
    await until(() => connection !== undefined);
    return { subscription, connection: connection!, peer };
  }

  const states: Record<string, (connected: Connected) => unknown> = {
    open: () => undefined,
    'open, with a reader': ({ connection }) => connection.data$.subscribe(),
    'half-closed by the peer': async ({ connection, peer }) => {
      let hasEnded = false;
      connection.data$.subscribe({ complete: () => (hasEnded = true) });
      peer.shutdown();
      await until(() => hasEnded);
    },
    'half-closed by us': async ({ connection, peer }) => {
      connection.end();
      await until(() => peer.remoteDisconnected());
    },
    'closing, with bytes in its queue': ({ connection }) => {
      connection.write(Buffer.alloc(5_000_000));
      connection.end();
    },
    'closed by us': ({ connection }) => {
      connection.close();
    },
    'closed by its socket': ({ connection }) => {
      connection.socket.close();
    },
    'left by the peer': async ({ peer }) => {
      peer.close();
      await settled(loop);
    },
  };

  for (const [state, enter] of Object.entries(states)) {
    const isPossible = state !== 'half-closed by the peer' || each.transport.hasHalfClose;
    const testState = testWhere(isPossible, 'a pipe has no half-close');
    testState(`it closes exactly once when unsubscribed while ${state}`, async () => {
      const it = await connected(true);
      await enter(it);
      it.subscription.unsubscribe();
      it.subscription.unsubscribe();
      const data = it.connection.data$.subscribe({ error: () => undefined });
      data.unsubscribe();
      await until(() => it.connection.socket.closed);
      await settled(loop);
      expect(closesOf(it.connection)).toHaveLength(1);
      it.peer.close();
    });
  }

  test('it closes exactly once when unsubscribed within next of its data', async () => {
    const it = await connected();
    const seen: string[] = [];
    it.connection.data$
      .pipe(
        tap(() => {
          it.subscription.unsubscribe();
          it.connection.close();
        }),
      )
      .subscribe({ next: (chunk) => seen.push(chunk.toString()), complete: () => seen.push('|') });
    writeAll(it.peer, 'x', { timeout });
    await until(() => closesOf(it.connection).length > 0);
    await settled(loop);
    expect(closesOf(it.connection)).toHaveLength(1);
    expect(seen).toEqual(['|']); // as it was complete before the chunk could go on
    it.peer.close();
  });
});

describe.each(loops)('connections on $name', ({ open }) => {
  test('one that never stops sending starves neither the others nor the event loop', async () => {
    using loop = open();
    const pairs = Array.from({ length: 3 }, () => new Pair({ loop }));
    const [busy, other, third] = pairs as [Pair, Pair, Pair];
    let flood = 0;
    busy.connection.data$.subscribe((chunk) => {
      flood += chunk.length;
      fill(busy.peer); // always more, before the next look
    });
    fill(busy.peer);
    await until(() => flood > 0);
    const answers: string[] = [];
    for (const each of [other, third]) {
      each.connection.data$.subscribe((chunk) => answers.push(chunk.toString()));
    }
    let timers = 0;
    const timer = setInterval(() => timers++, 1);
    writeAll(other.peer, 'a', { timeout });
    writeAll(third.peer, 'b', { timeout });
    await until(() => answers.length === 2 && timers > 5);
    clearInterval(timer);
    for (const pair of pairs) pair.close();
  });
});
