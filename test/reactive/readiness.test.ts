import { execFileSync } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { firstValueFrom } from 'rxjs';
import { adopt, listenTcp, type Socket, socketPair } from 'bipoll';
import { type EventLoop, readiness } from 'bipoll/reactive';
import { connect, readUntil, writeAll } from 'bipoll/sync';
import { freshFile } from '../support/freshPath';
import { loops } from '../support/loops';
import { PATIENCE } from '../support/patience';
import { isWindows, testWhere } from '../support/where';
import { until } from '../support/until';

const timeout = PATIENCE;

describe.each(loops)('readiness on $name', ({ open }) => {
  let loop: EventLoop;
  const sockets: Socket[] = [];
  beforeEach(() => {
    loop = open();
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.close();
    loop.close();
  });

  function pair() {
    const made = socketPair();
    sockets.push(...made);
    return made;
  }

  test('emits the events that hold, and watches for nothing before it is subscribed to', async () => {
    const [left, right] = pair();
    const ready = readiness(left, ['dataAvailable', 'remoteDisconnected'], { loop });
    const first = firstValueFrom(ready);
    writeAll(right, 'x', { timeout });
    expect(await first).toEqual(['dataAvailable']);
    right.close();
    const both = firstValueFrom(ready);
    expect(await both).toEqual(['dataAvailable', 'remoteDisconnected']);
  });

  test('emits again as long as they hold, and no more once they do not', async () => {
    const [left, right] = pair();
    writeAll(right, 'abc', { timeout });
    let count = 0;
    const subscription = readiness(left, 'dataAvailable', { loop }).subscribe(() => {
      count++;
      left.read(Buffer.alloc(1));
    });
    await until(() => count === 3);
    // Another one is told of its byte again and again: in each of these looks this one would be told as well.
    const [other, itsPeer] = pair();
    writeAll(itsPeer, 'x', { timeout });
    for (let look = 0; look < 5; look++) {
      await firstValueFrom(readiness(other, 'dataAvailable', { loop }));
    }
    expect(count).toBe(3);
    subscription.unsubscribe();
  });

  test('has several subscribers, each with its own events', async () => {
    const [left, right] = pair();
    const writable = firstValueFrom(readiness(left, 'readyToWrite', { loop }));
    const readable = firstValueFrom(readiness(left, 'dataAvailable', { loop }));
    expect(await writable).toEqual(['readyToWrite']);
    writeAll(right, 'x', { timeout });
    expect(await readable).toEqual(['dataAvailable']);
  });

  test('completes when the socket is closed, also by a subscriber', async () => {
    const [left, right] = pair();
    writeAll(right, 'x', { timeout });
    let isComplete = false;
    let count = 0;
    readiness(left, 'dataAvailable', { loop }).subscribe(() => {
      left.close();
    });
    readiness(left, 'dataAvailable', { loop }).subscribe({
      next: () => count++,
      complete: () => (isComplete = true),
    });
    await until(() => isComplete);
    expect(count).toBe(0);
    await expect(firstValueFrom(readiness(left, 'dataAvailable', { loop }))).rejects.toMatchObject({
      code: 'ERR_SOCKET_CLOSED',
    });
  });

  const withDescriptors = testWhere(!isWindows, 'there are no descriptors on Windows');
  withDescriptors('tells of servers and of descriptors from elsewhere', async () => {
    const server = listenTcp({ port: 0 });
    sockets.push(server);
    const waiting = firstValueFrom(readiness(server, 'connectionAvailable', { loop }));
    sockets.push(connect({ host: server.host, port: server.port }, { timeout }));
    expect(await waiting).toEqual(['connectionAvailable']);
    const fifo = freshFile();
    execFileSync('mkfifo', [fifo]);
    const pipe = adopt(openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK), 'descriptor');
    sockets.push(pipe);
    const readable = firstValueFrom(readiness(pipe, 'readable', { loop }));
    pipe.write(Buffer.from('x'));
    expect(await readable).toEqual(['readable']);
  });

  test('tells of bytes that a verb has read ahead, of which no kernel knows any more', async () => {
    const [left, right] = pair();
    writeAll(right, 'one\ntwo\n', { timeout });
    expect(readUntil(left, '\n', { timeout }).toString()).toBe('one\n');
    expect(await firstValueFrom(readiness(left, 'dataAvailable', { loop }))).toEqual([
      'dataAvailable',
    ]);
  });

  test('bad arguments are refused', () => {
    const [left] = pair();
    const badValue = expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' });
    expect(() => readiness(left, 'connectionAvailable' as never)).toThrow(badValue);
    expect(() => readiness(left, 'nonsense' as never)).toThrow(badValue);
    expect(() => readiness({} as never, 'readable' as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });
});
