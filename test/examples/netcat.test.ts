import type { ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import net from 'node:net';
import { capabilities } from 'bipoll';
import { startExample } from '../support/example';
import { freshFile, freshPath } from '../support/freshPath';
import { exitOf } from '../support/script';
import { describeWhere, isWindows } from '../support/where';
import { untilSaid } from './peers';

const SIZE = 5 * 1024 * 1024;
const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** All that comes, to its end. Nothing is read before this is called. */
function bytesOf(stream: NodeJS.ReadableStream): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    // Not `for await`, which also ends the writing side of a socket.
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('error', reject);
    stream.once('end', () => {
      resolve(Buffer.concat(chunks));
    });
    stream.resume(); // a listener alone does not wake what was paused on purpose
  });
}

/** netcat, connected with a peer of node:net that reads nothing before it is asked. */
async function connected(): Promise<{ netcat: ChildProcess; peer: net.Socket }> {
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as net.AddressInfo;
  const netcat = startExample('netcat', ['127.0.0.1', `${port}`], ['pipe', 'pipe', 'inherit']);
  netcat.stdin!.on('error', () => undefined); // once netcat has ended, nobody takes the rest
  const [peer] = (await once(server, 'connection')) as [net.Socket];
  server.close();
  return { netcat, peer };
}

// The programs take their backend from the environment, as any program does.
const whereDescriptors = describeWhere(!isWindows, 'there are no descriptors on Windows');
whereDescriptors('netcat', () => {
  describe.each(capabilities().backends)('on %s', (backend) => {
    beforeAll(() => {
      process.env['BIPOLL_BACKEND'] = backend;
    });
    afterAll(() => {
      delete process.env['BIPOLL_BACKEND'];
    });

    test('carries megabytes both ways at once, and each end', async () => {
      const { netcat, peer } = await connected();
      const exit = exitOf(netcat);
      const [sent, reply] = [randomBytes(SIZE), randomBytes(SIZE)];
      netcat.stdin!.end(sent);
      peer.write(reply);
      const printed = bytesOf(netcat.stdout!);
      expect(hash(await bytesOf(peer))).toBe(hash(sent));
      peer.end('bye');
      expect(hash(await printed)).toBe(hash(Buffer.concat([reply, Buffer.from('bye')])));
      expect(await exit).toBe(0);
    });

    test('a peer that does not read holds up nothing that it sends', async () => {
      const { netcat, peer } = await connected();
      const [sent, reply] = [randomBytes(SIZE), randomBytes(SIZE)];
      netcat.stdin!.end(sent);
      peer.write(reply);
      const printed: Buffer[] = [];
      let length = 0;
      for await (const chunk of netcat.stdout!.iterator({ destroyOnReturn: false })) {
        printed.push(chunk as Buffer);
        length += (chunk as Buffer).length;
        if (length >= SIZE) break;
      }
      expect(hash(Buffer.concat(printed))).toBe(hash(reply));
      // Only now does the peer read, and then answers behind the end of stdin: it was a half-close.
      expect(hash(await bytesOf(peer))).toBe(hash(sent));
      peer.end('bye');
      expect((await bytesOf(netcat.stdout!)).toString()).toBe('bye');
    });

    test('a stdout that nobody reads holds up nothing that stdin says', async () => {
      const { netcat, peer } = await connected();
      const [sent, reply] = [randomBytes(SIZE), randomBytes(SIZE)];
      peer.write(reply);
      netcat.stdin!.end(sent);
      expect(hash(await bytesOf(peer))).toBe(hash(sent));
      peer.end();
      expect(hash(await bytesOf(netcat.stdout!))).toBe(hash(reply));
    });

    test('a peer that answers and goes without listening is heard', async () => {
      const { netcat, peer } = await connected();
      const exit = exitOf(netcat);
      peer.write('too late');
      await once(netcat.stdout!, 'readable');
      peer.destroy();
      netcat.stdin!.write(randomBytes(SIZE));
      expect((await bytesOf(netcat.stdout!)).toString()).toBe('too late');
      expect(await exit).toBe(0);
    });

    test('stdin may be a file, and netcat the one that listens', async () => {
      const path = freshPath();
      const file = freshFile();
      const sent = randomBytes(SIZE);
      writeFileSync(file, sent);
      const input = openSync(file, 'r');
      const netcat = startExample('netcat', ['--listen', '--path', path], [input, 'pipe', 'pipe']);
      closeSync(input);
      await untilSaid(netcat, /listening on/, 'stderr');
      const peer = net.connect({ path, allowHalfOpen: true });
      expect(hash(await bytesOf(peer))).toBe(hash(sent));
      peer.end('thanks');
      expect((await bytesOf(netcat.stdout!)).toString()).toBe('thanks');
    });
  });
});
