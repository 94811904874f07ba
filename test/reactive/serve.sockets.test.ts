import { delay, of, type Subscription, tap } from 'rxjs';
import type { StreamServer, StreamSocket } from 'bipoll';
import { lines } from 'bipoll/framing';
import {
  type Connection,
  decode,
  type EventLoop,
  fromServer,
  pacedMap,
  serve,
} from 'bipoll/reactive';
import { connect, readSome, readUntil, writeAll } from 'bipoll/sync';
import { freshPath } from '../support/freshPath';
import { loops } from '../support/loops';
import { PATIENCE } from '../support/patience';
import { exitOf, firstOutput, startScript } from '../support/script';
import { settled } from '../support/settled';
import { transports } from '../support/transports';
import { until } from '../support/until';
import { isWindows, testWhere } from '../support/where';

const timeout = PATIENCE;

/** Answers each line, some time after it came. */
const answering = (connection: Connection) =>
  connection.data$.pipe(
    decode(lines()),
    pacedMap((line) => connection.send(of(`${line}!\n`).pipe(delay(20)))),
  );

describe.each(loops)('serve on $name', ({ open }) => {
  describe.each(transports)('over $name', (transport) => {
    const { hasHalfClose } = transport;
    let loop: EventLoop;
    let server: StreamServer;
    let clients: StreamSocket[];
    let serving: Subscription | undefined;
    let accepted: Connection[];
    beforeEach(() => {
      loop = open();
      server = transport.listen();
      clients = [];
      accepted = [];
    });
    afterEach(() => {
      serving?.unsubscribe();
      for (const connection of accepted) connection.close();
      server.close();
      for (const client of clients) client.close();
      loop.close();
    });

    const accepting = () =>
      fromServer(server, { loop }).pipe(tap((connection) => accepted.push(connection)));

    async function client(): Promise<StreamSocket> {
      const socket = transport.connectTo(server);
      clients.push(socket);
      await until(() => socket.determined(), 'connecting');
      return socket;
    }

    /** Reads to the end, while the loop of the service has its turns. */
    async function received(socket: StreamSocket): Promise<string> {
      const buffer = Buffer.alloc(100);
      let text = '';
      await until(() => {
        const got = socket.read(buffer);
        text += buffer.toString('utf8', 0, got ?? 0);
        return got === null;
      }, 'the end');
      return text;
    }

    testWhere(hasHalfClose, 'pipes have no half-close')(
      'answers a client that has ended, and then ends',
      async () => {
        serving = accepting().pipe(serve(answering)).subscribe();
        const socket = await client();
        socket.write(Buffer.from('one\ntwo'));
        socket.shutdown();
        expect(await received(socket)).toBe('one!\ntwo!\n');
        await until(() => accepted[0]!.socket.closed, 'closing');
      },
    );

    test('resets nobody who sends more than its handler reads', async () => {
      serving = accepting()
        .pipe(serve((connection) => connection.send(['enough'])))
        .subscribe();
      const socket = await client();
      socket.write(Buffer.alloc(1000));
      expect(await received(socket)).toBe('enough');
      expect(accepted[0]!.socket.closed).toBe(!hasHalfClose);
    });

    test('accepts nobody while its handlers are stuck', async () => {
      serving = accepting()
        .pipe(serve(({ data$ }) => data$, { maxConnections: 2 }))
        .subscribe();
      const [first] = await Promise.all([client(), client(), client()]);
      await settled(loop);
      expect(accepted).toHaveLength(2);
      first.close();
      await until(() => accepted.length === 3, 'the third');
    });
  });
});

test('a service that is told to end answers all that it has read, and exits', async () => {
  const CLIENTS = 200;
  const path = freshPath();
  const service = startScript(`
    import { fromEvent, map, tap, timer } from 'rxjs';
    import { lines } from 'bipoll/framing';
    import { decode, listen, pacedMap, serve } from 'bipoll/reactive';
    const toldToEnd$ = ${isWindows} ? fromEvent(process.stdin.resume(), 'end') : fromEvent(process, 'SIGTERM');
    const stop$ = toldToEnd$.pipe(tap(() => console.log('stopping')));
    let read = 0;
    const handle = (connection) => connection.data$.pipe(
      decode(lines()),
      pacedMap((line) => {
        if (++read === ${CLIENTS}) console.log('all are at work');
        return connection.send(timer(500).pipe(map(() => line + '!\\n')));
      }),
    );
    listen({ path: ${JSON.stringify(path)} }, { onListening: () => console.log('listening') })
      .pipe(serve(handle, { stop$, grace: ${PATIENCE} }))
      .subscribe();`);
  const exit = exitOf(service);
  await firstOutput(service);
  const clients = Array.from({ length: CLIENTS }, () => connect({ path }, { timeout }));
  for (const [i, client] of clients.entries()) {
    // Half a line more than it will get an answer to.
    writeAll(client, `${i}\nhalf`, { timeout });
  }
  await firstOutput(service);
  if (isWindows) service.stdin!.end();
  else service.kill('SIGTERM');
  await firstOutput(service); // what was asked of it leaves this process only in a turn of the event loop
  for (const [i, client] of clients.entries()) {
    expect(String(readUntil(client, '\n', { timeout }))).toBe(`${i}!\n`);
    expect(readSome(client, { timeout })).toBeNull();
    client.close();
  }
  expect(await exit).toBe(0);
});
