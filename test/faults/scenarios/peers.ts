import { once } from 'node:events';
import * as net from 'node:net';
import { Broken } from '../outcome';
import { checkBeginning, checkWhole } from './bytes';

/** Resolves or rejects as the other does, unless that takes too long. */
export async function within<T>(patience: number, what: string, outcome: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Broken('hang', what));
    }, patience);
  });
  return Promise.race([outcome, late]).finally(() => {
    clearTimeout(timer);
  });
}

/** A server of Node.js, whose calls have no faults, that echoes. */
export async function echoServer(
  target: net.ListenOptions,
): Promise<{ server: net.Server; target: { host: string; port: number } | { path: string } }> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy()).pipe(socket);
  });
  server.listen(target);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'string'
    ? { server, target: { path: address } }
    : { server, target: { host: '127.0.0.1', port: address!.port } };
}

/** What a client of Node.js gets from an echo. */
export interface Echoed {
  readonly bytes: Buffer;
  /** Null: it has ended as it should. */
  readonly error: Error | null;
}

/** Sends, ends, and reads to the end. A reset is an outcome; other bytes than its own, or no end, are not. */
export async function askEcho(
  target: net.NetConnectOpts,
  sent: Buffer,
  patience: number,
): Promise<Echoed> {
  const socket = net.connect({ ...target, allowHalfOpen: true });
  const chunks: Buffer[] = [];
  const failures: Error[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', (failure) => failures.push(failure));
  socket.end(sent);
  try {
    await within(patience, 'a client gets neither its answer nor an end', once(socket, 'close'));
  } catch (failure) {
    if (failures.length === 0) throw failure; // `once` fails with an error of the socket as well
  } finally {
    socket.destroy();
  }
  const bytes = Buffer.concat(chunks);
  checkBeginning(bytes, sent);
  return { bytes, error: failures[0] ?? null };
}

export function checkServed({ bytes, error }: Echoed, sent: Buffer): void {
  if (error) throw error;
  checkWhole(bytes, sent);
}
