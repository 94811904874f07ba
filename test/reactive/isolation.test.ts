import { socketPair, type StreamSocket } from 'bipoll';
import { config } from 'rxjs';
import { type Connection, fromSocket, type EventLoop, pacedMap } from 'bipoll/reactive';
import { inEnvironment, loops } from '../support/loops';
import { runCutShort } from '../support/script';
import { settled } from '../support/settled';

const COUNT = 20;

describe.each(loops)('one client on $name', (each) => {
  let loop: EventLoop;
  let peers: StreamSocket[];
  let connections: Connection[];
  const unhandled: unknown[] = [];
  beforeEach(() => {
    loop = each.open();
    const pairs = Array.from({ length: COUNT }, () => socketPair());
    peers = pairs.map(([, peer]) => peer);
    connections = pairs.map(([socket]) => fromSocket(socket, { loop }));
    config.onUnhandledError = (error) => unhandled.push(error);
  });
  afterEach(() => {
    config.onUnhandledError = null;
    unhandled.length = 0;
    for (const peer of peers) peer.close();
    for (const { socket } of connections) socket.close();
    loop.close();
  });

  const sendToAll = (bytes: string) => {
    for (const peer of peers) peer.write(Buffer.from(bytes));
  };

  test('whose subscriber throws is heard of, as of rxjs, and the others of the batch are served', async () => {
    const received = connections.map((): string[] => []);
    connections.forEach(({ data$ }, index) => {
      data$.subscribe((chunk) => {
        received[index]!.push(chunk.toString());
        if (index === 3) throw new Error('a mistake');
      });
    });
    sendToAll('a');
    await settled(loop);
    sendToAll('b');
    await settled(loop);
    expect(received).toEqual(connections.map(() => ['a', 'b']));
    expect(unhandled).toEqual([new Error('a mistake'), new Error('a mistake')]);
  });

  test('whose handler rejects has its error, and the others are served', async () => {
    const errors: unknown[] = [];
    const received = connections.map((): string[] => []);
    connections.forEach(({ data$ }, index) => {
      const handle = (chunk: Buffer) => {
        received[index]!.push(chunk.toString());
        return index === 3 ? Promise.reject(new Error('a mistake')) : Promise.resolve();
      };
      data$.pipe(pacedMap(handle)).subscribe({
        error: (error: unknown) => {
          errors.push(index, error);
        },
      });
    });
    sendToAll('a');
    await settled(loop);
    sendToAll('b');
    await settled(loop);
    expect(received).toEqual(connections.map((_, index) => (index === 3 ? ['a'] : ['a', 'b'])));
    expect(errors).toEqual([3, new Error('a mistake')]);
    expect(unhandled).toEqual([]);
  });

  test('whose socket is closed by another in the same batch is told so, and no more', async () => {
    const told: string[] = [];
    connections.forEach(({ data$ }, index) => {
      data$.subscribe({
        next: () => {
          told.push(`${index}`);
          if (told.length === 1) for (const each of connections) each.socket.close();
        },
      });
    });
    sendToAll('a');
    await settled(loop);
    expect(told).toHaveLength(1);
  });
});

describe.each(loops)('a mistake on $name', (each) => {
  inEnvironment(each);

  test('in what a program brings along, such as a scheduler, does not cost others of the batch anything', () => {
    const { stdout, stderr } = runCutShort(`
      import { asyncScheduler } from 'rxjs';
      import { socketPair } from 'bipoll';
      import { fromSocket } from 'bipoll/reactive';
      let isBroken = false;
      const now = () => { if (isBroken) throw new Error('no clock'); return Date.now(); };
      const scheduler = { now, schedule: asyncScheduler.schedule.bind(asyncScheduler) };
      const told = [];
      process.on('uncaughtException', ({ message }) => told.push(message));
      const pairs = Array.from({ length: 3 }, () => socketPair());
      const options = [{}, { idleTimeout: 60_000, scheduler }, {}];
      const connections = pairs.map(([socket], index) => fromSocket(socket, options[index]));
      connections.forEach(({ data$ }, index) => data$.subscribe(() => told.push(index)));
      isBroken = true;
      for (const [, peer] of pairs) peer.write(Buffer.from('a'));
      while (told.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
      console.log(told.sort().join());
      process.exit();`);
    expect({ stdout, stderr }).toEqual({ stdout: '0,2,no clock\n', stderr: '' });
  });
});
