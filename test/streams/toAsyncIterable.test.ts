import { firstValueFrom } from 'rxjs';
import type { EventLoop } from 'bipoll/reactive';
import { toAsyncIterable } from 'bipoll/streams';
import { readExactly, writeAll } from 'bipoll/sync';
import { loops } from '../support/loops';
import { bytesOf, fill, Pair } from '../support/Pair';
import { PATIENCE } from '../support/patience';
import { atRest } from '../support/settled';

const timeout = PATIENCE;

describe.each(loops)('iterating over a connection on $name', ({ open }) => {
  let loop: EventLoop;
  let pair: Pair;
  beforeEach(() => {
    loop = open();
    pair = new Pair({ loop });
  });
  afterEach(() => {
    pair.close();
    loop.close();
  });

  test('gives what the peer sends, to its end', async () => {
    writeAll(pair.peer, 'hello', { timeout });
    pair.peer.close();
    const chunks: Buffer[] = [];
    for await (const chunk of toAsyncIterable(pair.connection)) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('hello');
  });

  test('reads nothing while nobody waits for a chunk, and loses nothing', async () => {
    const chunks = toAsyncIterable(pair.connection);
    let sent = fill(pair.peer);
    let got = (await chunks.next()).value!.length;
    await atRest(() => (sent += fill(pair.peer)), loop);
    expect(pair.peer.readyToWrite()).toBe(false);
    pair.peer.close();
    for await (const chunk of chunks) got += chunk.length;
    expect(got).toBe(sent);
  });

  test('leaving it leaves what follows to the next reader, in either style', async () => {
    writeAll(pair.peer, 'one', { timeout });
    for await (const chunk of toAsyncIterable(pair.connection)) {
      expect(chunk.toString()).toBe('one');
      writeAll(pair.peer, 'twothreefour', { timeout });
      break;
    }
    expect(readExactly(pair.socket, 3, { timeout }).toString()).toBe('two');
    expect((await firstValueFrom(pair.connection.data$)).toString()).toBe('threefour');
    const chunks = toAsyncIterable(pair.connection);
    writeAll(pair.peer, 'five', { timeout });
    expect((await chunks.next()).value!.toString()).toBe('five');
    await chunks.return!();
    pair.peer.close();
    expect(await bytesOf(pair.connection)).toHaveLength(0);
  });

  test('ending it tells whoever waits', async () => {
    const chunks = toAsyncIterable(pair.connection);
    const waiting = [chunks.next(), chunks.next()];
    await chunks.return!();
    expect(await Promise.all(waiting)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    writeAll(pair.peer, 'x', { timeout });
    expect(readExactly(pair.socket, 1, { timeout }).toString()).toBe('x');
  });

  test('throws what the connection fails with, once, also if nobody waited then', async () => {
    const chunks = toAsyncIterable(pair.connection);
    writeAll(pair.peer, 'x', { timeout });
    await chunks.next();
    const error = new Error('broken');
    pair.connection.close(error);
    await expect(chunks.next()).rejects.toBe(error);
    expect(await chunks.next()).toEqual({ done: true, value: undefined });
  });

  test('of several at a time is refused', async () => {
    const first = toAsyncIterable(pair.connection);
    const waiting = first.next();
    await expect(toAsyncIterable(pair.connection).next()).rejects.toMatchObject({
      code: 'ERR_SOCKET_BUSY',
    });
    await first.return!();
    await waiting;
  });

  test('gives chunks of their own where they are lent', async () => {
    const lent = new Pair({ loop, borrow: true });
    writeAll(lent.peer, 'kept', { timeout });
    const { value } = await toAsyncIterable(lent.connection).next();
    expect(value!.toString()).toBe('kept');
    lent.close();
  });
});
