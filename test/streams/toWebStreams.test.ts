import { createHash, randomBytes } from 'node:crypto';
import { ReadableStream } from 'node:stream/web';
import { fromSocket, type EventLoop } from 'bipoll/reactive';
import { toWebStreams } from 'bipoll/streams';
import { readUntil, writeAll } from 'bipoll/sync';
import { loops } from '../support/loops';
import { fill, Pair, pairOfSockets, slices } from '../support/Pair';
import { PATIENCE } from '../support/patience';
import { settled } from '../support/settled';
import { until } from '../support/until';

const timeout = PATIENCE;
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function allOf(readable: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readable) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe.each(loops)('Web Streams over a connection on $name', ({ open }) => {
  let loop: EventLoop;
  let pair: Pair;
  beforeEach(() => {
    loop = open();
    pair = new Pair({ loop, allowHalfOpen: true });
  });
  afterEach(() => {
    pair.close();
    loop.close();
  });

  function makeHalfClosing(): void {
    pair.close();
    pair = new Pair({ loop, allowHalfOpen: true }, pairOfSockets());
  }

  test('carry megabytes both ways at once, and close the connection when both are over', async () => {
    makeHalfClosing();
    const here = toWebStreams(pair.connection);
    const there = toWebStreams(fromSocket(pair.peer, { loop, allowHalfOpen: true }));
    const [out, back] = [randomBytes(3_000_000), randomBytes(2_000_000)];
    const [gotBack, gotOut] = await Promise.all([
      allOf(here.readable),
      allOf(there.readable),
      ReadableStream.from(slices(out)).pipeTo(here.writable),
      ReadableStream.from(slices(back)).pipeTo(there.writable),
    ]);
    expect(sha256(gotOut)).toBe(sha256(out));
    expect(sha256(gotBack)).toBe(sha256(back));
    await until(() => pair.socket.closed && pair.peer.closed);
  });

  test('read nothing before somebody asks, and no more than was asked for', async () => {
    const { readable } = toWebStreams(pair.connection);
    const sent = fill(pair.peer);
    await settled(loop);
    expect(pair.peer.readyToWrite()).toBe(false);
    pair.peer.close();
    expect(await allOf(readable)).toHaveLength(sent);
  });

  test('fill the buffers that a reader brings', async () => {
    const { readable } = toWebStreams(pair.connection);
    writeAll(pair.peer, 'hello', { timeout });
    const reader = readable.getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint8Array(2));
    expect(Buffer.from(value!).toString()).toBe('he');
    const rest = await reader.read(new Uint8Array(10));
    expect(Buffer.from(rest.value!).toString()).toBe('llo');
    const end = reader.read(new Uint8Array(10));
    pair.peer.close();
    expect((await end).done).toBe(true);
  });

  test('hold a writer back while the system takes no more', async () => {
    const { writable } = toWebStreams(pair.connection);
    const writer = writable.getWriter();
    const bytes = randomBytes(2_000_000);
    let isDone = false;
    const written = writer.write(bytes).then(() => (isDone = true));
    await settled(loop);
    expect(isDone).toBe(false);
    const { readable } = toWebStreams(fromSocket(pair.peer, { loop }));
    const got = allOf(readable);
    await written;
    await writer.close();
    expect(sha256(await got)).toBe(sha256(bytes));
  });

  test('closing the writable leaves the readable', async () => {
    makeHalfClosing();
    const { readable, writable } = toWebStreams(pair.connection);
    const writer = writable.getWriter();
    await writer.write(Buffer.from('question\n'));
    await writer.close();
    expect(readUntil(pair.peer, '\n', { timeout }).toString()).toBe('question\n');
    expect(pair.peer.remoteDisconnected()).toBe(true);
    writeAll(pair.peer, 'answer', { timeout });
    pair.peer.close();
    expect((await allOf(readable)).toString()).toBe('answer');
  });

  test('cancelling the readable leaves the writable, whose close closes the connection', async () => {
    const { readable, writable } = toWebStreams(pair.connection);
    const reader = readable.getReader();
    const waiting = reader.read();
    await reader.cancel();
    expect((await waiting).done).toBe(true);
    const writer = writable.getWriter();
    await writer.write(Buffer.from('still here\n'));
    expect(readUntil(pair.peer, '\n', { timeout }).toString()).toBe('still here\n');
    expect(pair.socket.closed).toBe(false);
    await writer.close();
    expect(pair.socket.closed).toBe(true);
  });

  test('aborting the writable closes the connection with the reason', async () => {
    const { readable, writable } = toWebStreams(pair.connection);
    const reading = readable.getReader().read();
    const error = new Error('enough');
    await Promise.all([expect(reading).rejects.toBe(error), writable.abort(error)]);
    expect(pair.socket.closed).toBe(true);
  });

  test('fail with the error of the connection', async () => {
    const { readable, writable } = toWebStreams(pair.connection);
    const reading = readable.getReader().read();
    const closed = writable.getWriter().closed;
    const error = new Error('broken');
    pair.connection.close(error);
    await expect(reading).rejects.toBe(error);
    await expect(closed).rejects.toBe(error);
  });
});
