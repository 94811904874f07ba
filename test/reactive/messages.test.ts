import { inspect } from 'node:util';
import { firstValueFrom, lastValueFrom, Observable, Subject, switchMap, take, toArray } from 'rxjs';
import { bindUdp, connectUdp, type Message } from 'bipoll';
import { bind, fromMessageSocket, pacedMap } from 'bipoll/reactive';
import { receiveMessage, sendMessage } from 'bipoll/sync';
import { freshPath } from '../support/freshPath';
import { loops } from '../support/loops';
import { MessagePair, messageTransports } from '../support/messageTransports';
import { settled } from '../support/settled';
import { PATIENCE } from '../support/patience';
import { until } from '../support/until';
import { isWindows, testWhere } from '../support/where';

const failing = (code: string) => expect.objectContaining({ code }) as Error;
const textOf = ({ bytes }: Message) => bytes.toString();
const cases = loops.flatMap((loop) => messageTransports.map((transport) => ({ loop, transport })));

describe.each(cases)('$transport.name on $loop.name', ({ loop: { open }, transport }) => {
  test('each message is a value, be it empty', async () => {
    using loop = open();
    using pair = new MessagePair(transport);
    const received = lastValueFrom(
      fromMessageSocket(pair.server, { loop }).messages$.pipe(take(3), toArray()),
    );
    for (const text of ['one', '', 'three']) pair.client.send(Buffer.from(text));
    expect((await received).map(textOf)).toEqual(['one', '', 'three']);
  });

  test('nothing is received while nobody is subscribed, nor while pacedMap is at work', async () => {
    using loop = open();
    using pair = new MessagePair(transport);
    const { messages$ } = fromMessageSocket(pair.server, { loop });
    for (const text of ['1', '2', '3']) pair.client.send(Buffer.from(text));
    const work = new Subject<never>();
    const started: string[] = [];
    const subscription = messages$
      .pipe(
        pacedMap((message) => {
          started.push(textOf(message));
          return work;
        }),
      )
      .subscribe();
    await until(() => started.length === 1, 'the first message');
    await settled(loop);
    subscription.unsubscribe();
    expect(started).toEqual(['1']);
    expect(textOf(pair.server.receive()!)).toBe('2');
    expect(textOf(await firstValueFrom(messages$))).toBe('3');
  });

  test('of messages that came together, those that nobody has taken are the next to be received', async () => {
    using loop = open();
    using pair = new MessagePair(transport);
    const { messages$ } = fromMessageSocket(pair.server, { loop });
    pair.client.sendMany(['1', '22', '333', '4'].map((text) => ({ bytes: Buffer.from(text) })));
    expect(textOf(await firstValueFrom(messages$))).toBe('1');
    expect(pair.server.dataAvailable()).toBe(true);
    expect(() => pair.server.detach()).toThrow(failing('ERR_SOCKET_BUSY'));
    expect(pair.server.receive({ maxBytes: 1 })).toMatchObject({ truncated: true });
    pair.client.send(Buffer.from('5'));
    const rest = lastValueFrom(messages$.pipe(take(3), toArray()));
    expect((await rest).map(textOf)).toEqual(['333', '4', '5']);
    expect(pair.server.dataAvailable()).toBe(false);
    expect(pair.server.receive()).toBeNull();
  });

  test('messages that came together are each worked on before the next', async () => {
    using loop = open();
    using pair = new MessagePair(transport);
    const { messages$ } = fromMessageSocket(pair.server, { loop });
    const order: string[] = [];
    pair.client.sendMany(['1', '2', '3'].map((text) => ({ bytes: Buffer.from(text) })));
    const done = lastValueFrom(
      messages$.pipe(
        take(3),
        pacedMap(async (message) => {
          order.push(`begin ${textOf(message)}`);
          await settled(loop);
          order.push(`end ${textOf(message)}`);
        }),
      ),
    );
    await done;
    expect(order).toEqual(['1', '2', '3'].flatMap((each) => [`begin ${each}`, `end ${each}`]));
  });

  test.each([1, 2, 64])(
    'answers keep their order with a concurrency of %i',
    async (concurrency) => {
      using loop = open();
      using pair = new MessagePair(transport);
      const { messages$, send } = fromMessageSocket(pair.server, { loop });
      const echo = send as (bytes: Buffer, to?: unknown) => Observable<never>;
      const subscription = messages$
        .pipe(
          pacedMap(({ bytes, from }) => echo(bytes, transport.hasEnd ? undefined : from), {
            concurrency,
          }),
        )
        .subscribe();
      const texts = Array.from({ length: 9 }, (_, i) => String(i));
      const answers = lastValueFrom(
        fromMessageSocket(pair.client, { loop }).messages$.pipe(take(9), toArray()),
      );
      pair.client.sendMany(texts.map((text) => ({ bytes: Buffer.from(text) })));
      expect((await answers).map(textOf)).toEqual(texts);
      subscription.unsubscribe();
    },
  );

  test('an answer that is unsubscribed from before it is sent is not sent', async () => {
    using loop = open();
    using pair = new MessagePair(transport);
    const { messages$, send } = fromMessageSocket(pair.client, { loop });
    messages$.pipe(take(1)).subscribe(() => {
      for (const text of ['1', '2', '3']) {
        const sending = send(text).subscribe();
        if (text === '2') sending.unsubscribe();
      }
    });
    pair.client.send(Buffer.from('hello'));
    pair.answer(
      await firstValueFrom(fromMessageSocket(pair.server, { loop }).messages$),
      Buffer.alloc(0),
    );
    const answers = fromMessageSocket(pair.server, { loop }).messages$.pipe(take(2), toArray());
    expect((await lastValueFrom(answers)).map(textOf)).toEqual(['1', '3']);
  });

  test('a message is sent when it is subscribed to, and completes when it is sent', async () => {
    using loop = open();
    using pair = new MessagePair(transport);
    const endpoint = fromMessageSocket(pair.client, { loop });
    const sending = endpoint.send('hello');
    expect(pair.server.receive()).toBeNull();
    await lastValueFrom(sending, { defaultValue: null });
    expect(textOf(await firstValueFrom(fromMessageSocket(pair.server, { loop }).messages$))).toBe(
      'hello',
    );
  });

  test('what is too long fails alone', async () => {
    using loop = open();
    using pair = new MessagePair(transport);
    const endpoint = fromMessageSocket(pair.client, { loop });
    const tooLong = endpoint.send(Buffer.alloc(16 * 1024 * 1024));
    await expect(lastValueFrom(tooLong)).rejects.toEqual(failing('EMSGSIZE'));
    await lastValueFrom(endpoint.send('fits'), { defaultValue: null });
    pair.client.close();
    await expect(lastValueFrom(endpoint.send('x'))).rejects.toEqual(failing('ERR_SOCKET_CLOSED'));
  });

  if (transport.holdsBack) {
    test('a message waits for room, in order, and is lost only by a close', async () => {
      using loop = open();
      using pair = new MessagePair(transport);
      const endpoint = fromMessageSocket(pair.client, { loop });
      let filled = 0;
      while (pair.client.send(Buffer.alloc(1000))) filled++;
      const ends: string[] = [];
      for (const name of ['a', 'b']) {
        endpoint.send(name).subscribe({ complete: () => ends.push(name) });
      }
      await settled(loop);
      expect(ends).toEqual([]);
      expect(() => pair.client.send(Buffer.from('x'))).toThrow(failing('ERR_SOCKET_BUSY'));
      const all = fromMessageSocket(pair.server, { loop }).messages$.pipe(
        take(filled + 2),
        toArray(),
      );
      const texts = (await lastValueFrom(all)).map(textOf);
      expect(texts.slice(-2)).toEqual(['a', 'b']);
      expect(ends).toEqual(['a', 'b']);
    });
  }

  if (transport.hasEnd) {
    test('messages$ completes behind the last message', async () => {
      using loop = open();
      using pair = new MessagePair(transport);
      pair.client.send(Buffer.from('last'));
      pair.client.close();
      const all = fromMessageSocket(pair.server, { loop }).messages$.pipe(toArray());
      expect((await lastValueFrom(all)).map(textOf)).toEqual(['last']);
    });
  }
});

describe('bind', () => {
  const targets = [
    { name: 'UDP', target: () => ({ port: 0 }) },
    ...(messageTransports.some(({ name }) => name === 'local datagrams')
      ? [{ name: 'local datagrams', target: () => ({ path: freshPath() }) }]
      : []),
  ];

  test.each(targets)(
    'of $name opens a socket when subscribed to, and closes it then',
    ({ target }) => {
      const bound$ = bind(target() as { port: number });
      for (let i = 0; i < 2; i++) {
        let socket: { closed: boolean } | null = null;
        const subscription = bound$.subscribe((endpoint) => (socket = endpoint.socket));
        expect(socket).toMatchObject({ closed: false });
        subscription.unsubscribe();
        expect(socket).toMatchObject({ closed: true });
      }
    },
  );

  test('answers each message by a pipeline, and fails where the port is taken', async () => {
    const ports: number[] = [];
    const echo = bind({ port: 0 })
      .pipe(
        switchMap(({ messages$, send, socket }) => {
          ports.push(socket.localPort!);
          return messages$.pipe(pacedMap(({ bytes, from }) => send(bytes, from)));
        }),
      )
      .subscribe();
    const [port] = ports as [number];
    using client = connectUdp({ host: '127.0.0.1', port });
    client.send(Buffer.from('hello'));
    expect(textOf(await firstValueFrom(fromMessageSocket(client).messages$))).toBe('hello');
    await expect(lastValueFrom(bind({ port }))).rejects.toEqual(failing('EADDRINUSE'));
    echo.unsubscribe();
  });

  test('completes when the socket is closed, as messages$ does', async () => {
    const completed: string[] = [];
    bind({ port: 0 }).subscribe({
      next: ({ messages$, socket }) => {
        messages$.subscribe({ complete: () => completed.push('messages$') });
        socket.close();
      },
      complete: () => completed.push('bind'),
    });
    await until(() => completed.length === 2, 'both');
  });

  test('refuses wrong options at once', () => {
    expect(() => bind({ prot: 1 } as never)).toThrow(failing('ERR_INVALID_ARG_VALUE'));
    expect(() => bind({ port: 0 }, { maxBytes: 0 })).toThrow(failing('ERR_OUT_OF_RANGE'));
    expect(() => fromMessageSocket({} as never)).toThrow(failing('ERR_INVALID_ARG_TYPE'));
  });
});

testWhere(!isWindows, 'Windows tells nothing of that')(
  'an error of messages$ is no end: whoever subscribes again goes on',
  async () => {
    const gone = bindUdp();
    const { localPort: port } = gone;
    gone.close();
    using client = connectUdp({ host: '127.0.0.1', port: port! });
    const { messages$, send } = fromMessageSocket(client);
    await lastValueFrom(send('lost'), { defaultValue: null });
    await expect(firstValueFrom(messages$)).rejects.toEqual(failing('ECONNREFUSED'));
    using server = bindUdp({ port: port! });
    const next = firstValueFrom(messages$);
    sendMessage(server, 'found', {
      timeout: PATIENCE,
      to: { host: client.localAddress!, port: client.localPort! },
    });
    expect(textOf(await next)).toBe('found');
  },
);

test('messages$ is for one at a time, and keeps the verbs away meanwhile', async () => {
  using socket = bindUdp();
  const endpoint = fromMessageSocket(socket);
  expect(fromMessageSocket(socket)).toBe(endpoint);
  const first = endpoint.messages$.subscribe();
  await expect(firstValueFrom(endpoint.messages$)).rejects.toEqual(failing('ERR_SOCKET_BUSY'));
  expect(() => receiveMessage(socket, { timeout: 0 })).toThrow(failing('ERR_SOCKET_BUSY'));
  first.unsubscribe();
  expect(() => receiveMessage(socket, { timeout: 0 })).toThrow(failing('ETIMEDOUT'));
  expect(inspect(endpoint)).toContain('UdpSocket');
  expect(endpoint.messages$).toBeInstanceOf(Observable);
});
