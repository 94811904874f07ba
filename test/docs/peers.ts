import { once } from 'node:events';
import net from 'node:net';

/** What a server does with each of its clients. */
export type Peer = (client: net.Socket) => void;

/** Answers each line by itself, changed. */
export function answering(answer: (line: string) => string): Peer {
  return (client) => {
    let rest = '';
    client.on('end', () => client.end());
    client.on('data', (chunk) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop()!;
      for (const line of lines) client.write(`${answer(line)}\n`);
    });
  };
}

/** Says so much, and then nothing more. */
export function saying(text: string): Peer {
  return (client) => client.write(text);
}

/** Answers when its client has ended. */
export function countingBytes(): Peer {
  return (client) => {
    let count = 0;
    client.on('data', (chunk) => (count += chunk.length));
    client.on('end', () => client.end(`${count} bytes\n`));
  };
}

/** A server of that kind, on the loopback. */
export async function startPeer(peer: Peer): Promise<{ port: number; stop(): void }> {
  const clients = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    clients.add(client);
    client.on('error', () => undefined); // it may leave as it likes
    peer(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    stop() {
      server.close();
      for (const client of clients) client.destroy();
    },
  };
}

/** Sends a request, ends, and resolves to the whole answer. Null: nobody listens yet. */
export async function ask(target: net.NetConnectOpts, request: string): Promise<string | null> {
  const socket = net.connect(target);
  try {
    await once(socket, 'connect');
  } catch {
    return null;
  }
  socket.end(request);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
