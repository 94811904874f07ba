import { EMPTY, firstValueFrom, lastValueFrom, merge, mergeMap, take, toArray } from 'rxjs';
import {
  capabilities,
  connectLocalPackets,
  listenLocalPackets,
  type LocalPacketSocket,
  type Message,
} from 'bipoll';
import {
  connectPackets,
  type EventLoop,
  fromServer,
  listenPackets,
  type MessageEndpoint,
  pacedMap,
} from 'bipoll/reactive';
import { receiveMessage } from 'bipoll/sync';
import { freshPath } from '../support/freshPath';
import { loops } from '../support/loops';
import { PATIENCE } from '../support/patience';
import { settled } from '../support/settled';
import { until } from '../support/until';
import { describeWhere } from '../support/where';

const failing = (code: string) => expect.objectContaining({ code }) as Error;
const textOf = ({ bytes }: Message) => bytes.toString();
const limit = { timeout: PATIENCE };

const echo = ({ messages$, send }: MessageEndpoint<LocalPacketSocket>) =>
  messages$.pipe(pacedMap(({ bytes }) => send(bytes)));

/** Lets the loop turn while a client waits for its packet. */
async function received(client: LocalPacketSocket): Promise<string | null> {
  await until(() => client.dataAvailable() || client.remoteDisconnected(), 'a packet or the end');
  const message = receiveMessage(client, limit);
  return message && textOf(message);
}

const { localPackets } = capabilities().features;

describeWhere(localPackets, 'this system has no local packets')('a server of packets', () => {
  describe.each(loops)('on $name', ({ open }) => {
    let loop: EventLoop;
    beforeEach(() => {
      loop = open();
    });
    afterEach(() => {
      loop.close();
    });

    test('serves each client by a pipeline, and closes who has left', async () => {
      const path = freshPath();
      const sockets: LocalPacketSocket[] = [];
      const serving = listenPackets({ path }, { loop })
        .pipe(
          mergeMap((endpoint) => {
            sockets.push(endpoint.socket);
            return echo(endpoint);
          }),
        )
        .subscribe();
      const clients = [connectLocalPackets({ path }), connectLocalPackets({ path })];
      for (const [index, client] of clients.entries()) client.send(Buffer.from(`from ${index}`));
      for (const [index, client] of clients.entries()) {
        expect(await received(client)).toBe(`from ${index}`);
      }
      for (const client of clients) client.close();
      await until(
        () => sockets.length === 2 && sockets.every(({ closed }) => closed),
        'the closes',
      );
      serving.unsubscribe();
      expect(() => connectLocalPackets({ path })).toThrow(failing('ENOENT'));
    });

    test('answers a client that has ended its side', async () => {
      const path = freshPath();
      const serving = listenPackets({ path }, { loop }).pipe(mergeMap(echo)).subscribe();
      using client = connectLocalPackets({ path });
      client.sendMany(['1', '2'].map((text) => ({ bytes: Buffer.from(text) })));
      client.shutdown();
      expect([await received(client), await received(client), await received(client)]).toEqual([
        '1',
        '2',
        null,
      ]);
      serving.unsubscribe();
    });

    test('lets go on who is read when it is unsubscribed, and closes all others', async () => {
      const path = freshPath();
      const endpoints: MessageEndpoint<LocalPacketSocket>[] = [];
      const serving = listenPackets({ path }, { loop }).subscribe((each) => {
        endpoints.push(each);
      });
      using first = connectLocalPackets({ path });
      using second = connectLocalPackets({ path });
      await until(() => endpoints.length === 2, 'both clients');
      const reading = echo(endpoints[0]!).subscribe();
      serving.unsubscribe();
      expect(endpoints.map(({ socket }) => socket.closed)).toEqual([false, true]);
      first.send(Buffer.from('still there'));
      expect(await received(first)).toBe('still there');
      expect(await received(second)).toBeNull();
      reading.unsubscribe();
      expect(endpoints[0]!.socket.closed).toBe(true);
    });

    test('accepts no more clients than it may have, until one has left', async () => {
      const path = freshPath();
      const endpoints: MessageEndpoint<LocalPacketSocket>[] = [];
      const serving = listenPackets({ path }, { loop, maxConnections: 1 }).subscribe((each) => {
        endpoints.push(each);
      });
      using first = connectLocalPackets({ path });
      using second = connectLocalPackets({ path });
      await until(() => endpoints.length === 1, 'the first client');
      await settled(loop);
      expect(endpoints).toHaveLength(1);
      endpoints[0]!.close();
      await until(() => endpoints.length === 2, 'the second client');
      expect(await received(first)).toBeNull();
      second.close();
      serving.unsubscribe();
    });

    test('disconnects who is not authorized', async () => {
      const path = freshPath();
      let asked = 0;
      const authorize = () => ++asked > 1;
      const serving = listenPackets({ path }, { loop, authorize }).pipe(mergeMap(echo)).subscribe();
      using refused = connectLocalPackets({ path });
      expect(await received(refused)).toBeNull();
      using welcome = connectLocalPackets({ path });
      welcome.send(Buffer.from('hello'));
      expect(await received(welcome)).toBe('hello');
      serving.unsubscribe();
    });

    test('that is the caller’s stays open, and completes when it is closed', async () => {
      const server = listenLocalPackets({ path: freshPath() });
      fromServer(server, { loop }).subscribe().unsubscribe();
      expect(server.closed).toBe(false);
      const completed = lastValueFrom(fromServer(server, { loop }), { defaultValue: null });
      await expect(firstValueFrom(fromServer(server, { loop }))).rejects.toEqual(
        failing('ERR_SOCKET_BUSY'),
      );
      expect(() => server.accept()).toThrow(failing('ERR_SOCKET_BUSY'));
      server.close();
      expect(await completed).toBeNull();
    });

    test('is connected to by an Observable, again for each subscription', async () => {
      const path = freshPath();
      const answers$ = connectPackets({ path }, { loop }).pipe(
        mergeMap(({ messages$, send }) => merge(send('hello'), messages$.pipe(take(1)))),
        take(1),
      );
      await expect(lastValueFrom(answers$)).rejects.toEqual(failing('ENOENT'));
      const serving = listenPackets({ path }, { loop }).pipe(mergeMap(echo)).subscribe();
      for (let i = 0; i < 2; i++) expect(textOf(await lastValueFrom(answers$))).toBe('hello');
      serving.unsubscribe();
    });

    test('that ends a connection completes it', async () => {
      const path = freshPath();
      const serving = listenPackets({ path }, { loop })
        .pipe(
          mergeMap((endpoint) => {
            endpoint.socket.send(Buffer.from('bye'));
            endpoint.close();
            return EMPTY;
          }),
        )
        .subscribe();
      const heard$ = connectPackets({ path }, { loop }).pipe(
        mergeMap(({ messages$ }) => messages$),
        toArray(),
      );
      expect((await lastValueFrom(heard$)).map(textOf)).toEqual(['bye']);
      serving.unsubscribe();
    });
  });

  test('refuses wrong options at once', () => {
    const path = freshPath();
    expect(() => listenPackets({ path }, { maxConnections: 0 })).toThrow(
      failing('ERR_OUT_OF_RANGE'),
    );
    expect(() => listenPackets({} as never)).toThrow(failing('ERR_INVALID_ARG_TYPE'));
    expect(() => connectPackets({ path, port: 1 } as never)).toThrow(
      failing('ERR_INVALID_ARG_VALUE'),
    );
    expect(() => fromServer({} as never)).toThrow(failing('ERR_INVALID_ARG_TYPE'));
  });
});
