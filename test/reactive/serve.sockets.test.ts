import { delay, NEVER, of, share, type Subscription, tap } from 'rxjs';
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
import { native } from '../../src/core/native';
import { loops } from '../support/loops';
import { settled } from '../support/settled';
import { transports } from '../support/transports';
import { until } from '../support/until';
import { testWhere } from '../support/where';

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

    test('sends 1,000 small answers to one chunk in a few calls', async () => {
      const calls = (['send', 'sendPieces', 'stage', 'flush'] as const).map((name) =>
        jest.spyOn(native, name),
      );
      serving = accepting()
        .pipe(
          serve((connection) =>
            connection.data$.pipe(
              decode(lines()),
              tap((line) => connection.write(line)),
            ),
          ),
        )
        .subscribe();
      const socket = await client();
      socket.write(Buffer.from('a\n'.repeat(1000)));
      const buffer = Buffer.alloc(2000);
      let got = 0;
      await until(() => (got += socket.read(buffer) ?? 0) === 1000, 'the answers');
      expect(calls.flatMap(({ mock }) => mock.calls).length).toBeLessThanOrEqual(20);
      for (const call of calls) call.mockRestore();
    });

    test('lets its server accept again for others when it is unsubscribed from', async () => {
      const clients$ = accepting().pipe(share());
      const other = clients$.subscribe();
      serving = clients$.pipe(serve(() => NEVER, { maxConnections: 1 })).subscribe();
      await client();
      await until(() => accepted.length === 1, 'the first');
      await client();
      await settled(loop);
      expect(accepted).toHaveLength(1);
      serving.unsubscribe();
      await until(() => accepted.length === 2, 'the second');
      other.unsubscribe();
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
