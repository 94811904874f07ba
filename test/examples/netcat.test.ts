import { createHash, randomBytes } from 'node:crypto';
import { openSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { outputOf, startExample } from '../support/example';
import { freshPath } from '../support/freshPath';

const MEGABYTES = 5 * 1024 * 1024;
const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A server of node:net that answers with the hash of all it got, behind bytes of its own. */
async function hashingServer(reply: Buffer): Promise<net.Server & { port: number }> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => {
      socket.write(reply);
      socket.end(hash(Buffer.concat(chunks)));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return Object.assign(server, { port: (server.address() as net.AddressInfo).port });
}

/** All that a program writes to a pipe, as bytes. */
function bytesOf(stream: NodeJS.ReadableStream): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      resolve(Buffer.concat(chunks));
    });
  });
}

test('megabytes go both ways through pipes, and each end is passed on', async () => {
  const reply = randomBytes(MEGABYTES);
  const sent = randomBytes(MEGABYTES);
  const server = await hashingServer(reply);
  const netcat = startExample(
    'netcat',
    ['--port', String(server.port)],
    ['pipe', 'pipe', 'inherit'],
  );
  netcat.stdin!.end(sent);
  const received = await bytesOf(netcat.stdout!);
  expect(hash(received)).toBe(hash(Buffer.concat([reply, Buffer.from(hash(sent))])));
  server.close();
}, 20_000);

test('stdin may be a file, and the target a local socket that netcat listens on', async () => {
  const path = freshPath();
  const file = freshPath();
  const sent = randomBytes(100_000);
  writeFileSync(file, sent);
  const netcat = startExample(
    'netcat',
    ['--path', path, '--listen'],
    [openSync(file, 'r'), 'pipe', 'inherit'],
  );
  const received = await new Promise<Buffer>((resolve) => {
    const attempt = () => {
      const socket = net.connect(path);
      socket.on('error', () => setTimeout(attempt, 10));
      socket.on('connect', () => {
        void bytesOf(socket).then(resolve);
        socket.end('thanks');
      });
    };
    attempt();
  });
  expect(hash(received)).toBe(hash(sent));
  expect(await outputOf(netcat)).toBe('thanks');
}, 20_000);
