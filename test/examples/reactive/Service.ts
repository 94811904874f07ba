import { once } from 'node:events';
import net from 'node:net';
import { type Observable, type Subscription, tap } from 'rxjs';
import { capabilities } from 'bipoll';
import {
  type Connection,
  listen,
  type ListeningAddress,
  type ListenOptions,
} from 'bipoll/reactive';
import { freshPath } from '../../support/freshPath';
import { until } from '../../support/until';

type Target = { port: number } | { path: string };

/** Where the same tests run. */
export const targets: readonly { name: string; target: () => Target }[] = [
  { name: 'TCP', target: () => ({ port: 0 }) },
  { name: 'a local socket', target: () => ({ path: freshPath() }) },
];

/** The pipeline of an example at work on real sockets, and clients of Node's own. */
export class Service<T> {
  readonly emitted: T[] = [];
  readonly accepted: Connection[] = [];
  /** How it ended; undefined while it has not. */
  ended: { error: unknown } | undefined;
  address!: ListeningAddress;
  readonly #subscription: Subscription;
  readonly #clients: net.Socket[] = [];

  constructor(
    target: Target,
    pipeline: (connections$: Observable<Connection>) => Observable<T>,
    options: ListenOptions = {},
  ) {
    const connections$ = listen(target, {
      onListening: (address) => (this.address = address),
      ...options,
    });
    this.#subscription = pipeline(
      connections$.pipe(tap((connection) => this.accepted.push(connection))),
    ).subscribe({
      next: (value) => this.emitted.push(value),
      error: (error: unknown) => (this.ended = { error }),
      complete: () => (this.ended = { error: null }),
    });
  }

  /** A client that is connected. */
  async client(): Promise<net.Socket> {
    await Promise.resolve(); // its address is told a turn later
    const client = net.connect({ ...this.address, allowHalfOpen: true } as net.NetConnectOpts);
    // What is reset on purpose says so.
    client.on('error', () => undefined);
    this.#clients.push(client);
    await once(client, 'connect');
    return client;
  }

  /** Waits until no connection is open any more. */
  async untilLeft(): Promise<void> {
    await until(() => this.accepted.every(({ socket }) => socket.closed), 'closing');
  }

  stop(): void {
    this.#subscription.unsubscribe();
    for (const client of this.#clients) client.destroy();
    for (const connection of this.accepted) connection.close();
  }
}

/** All that comes, to its end. */
export async function untilEnd(client: net.Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  client.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(client, 'end');
  return Buffer.concat(chunks);
}

/**
 * Sends all, and returns all that comes, to its end. It ends right away where it has a half-close. A pipe has none: there
 * node:net closes once nothing has come for 50 ms after the end, so it ends when it has heard enough.
 */
export async function talk(
  client: net.Socket,
  bytes: string | Buffer,
  isEnough: (heard: readonly Buffer[]) => boolean,
): Promise<Buffer> {
  const hasHalfClose = client.remoteAddress !== undefined || capabilities().features.localHalfClose;
  const heard: Buffer[] = [];
  client.on('data', (chunk: Buffer) => {
    heard.push(chunk);
    if (!hasHalfClose && isEnough(heard)) client.end();
  });
  if (hasHalfClose) client.end(bytes);
  else client.write(bytes);
  await once(client, 'end');
  return Buffer.concat(heard);
}

/** Of {@link talk}: so many bytes are enough. */
export const atLeast = (count: number) => (heard: readonly Buffer[]) =>
  heard.reduce((sum, { length }) => sum + length, 0) >= count;

/** Of {@link talk}: so many lines are enough. */
export const atLeastLines = (count: number) => (heard: readonly Buffer[]) =>
  Buffer.concat(heard).toString().split('\n').length > count;

/** Makes a client vanish. A local socket has no reset; there it is one to leave bytes unread. */
export function reset(client: net.Socket): void {
  if (client.remoteAddress === undefined) client.destroy();
  else client.resetAndDestroy();
}

/** What a client has heard so far. */
export class Heard {
  text = '';

  constructor(readonly client: net.Socket) {
    client.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
  }

  /** Waits until it has heard something. */
  async until(text: string): Promise<void> {
    await until(() => this.text.includes(text), JSON.stringify(text));
  }
}
