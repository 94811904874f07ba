import { once } from 'node:events';
import * as net from 'node:net';
import { connect } from 'bipoll/reactive';
import { type DuplexOptions, toDuplex } from 'bipoll/streams';
import { freshPath } from '../../support/freshPath';
import { isWindows } from '../../support/where';

/** Where a server of `node:net` listens, to which both kinds of streams connect. */
export interface Wire {
  readonly name: string;
  readonly isTcp: boolean;
  listen(server: net.Server): Promise<net.NetConnectOpts>;
}

const allWires: readonly Wire[] = [
  {
    name: 'TCP',
    isTcp: true,
    listen: async (server) => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return { host: '127.0.0.1', port: (server.address() as net.AddressInfo).port };
    },
  },
  {
    name: 'a local socket',
    isTcp: false,
    listen: async (server) => {
      const path = freshPath();
      server.listen(path);
      await once(server, 'listening');
      return { path };
    },
  },
];

/** A pipe of Windows has no half-close, and node:net has timers of its own in its place: so these are compared over TCP. */
export const wires = isWindows ? allWires.filter(({ isTcp }) => isTcp) : allWires;

type Connector = (target: net.NetConnectOpts, options: DuplexOptions) => Promise<net.Socket>;

const byNet: Connector = async (target, options) => {
  const socket = net.connect({ ...target, ...options });
  await once(socket, 'connect');
  return socket;
};

const byBipoll: Connector = (target, options) =>
  new Promise((resolve, reject) => {
    connect(target as { path: string }).subscribe({
      next: (connection) => {
        resolve(toDuplex(connection, options) as unknown as net.Socket);
      },
      error: reject, // of no effect once it is connected
    });
  });

/** What a stream did, in its order. */
export type Trace = string[];

/** A stream that is connected, its peer, which is a `net.Socket` in any case, and the trace to be compared. */
export interface Scene {
  readonly stream: net.Socket;
  readonly peer: net.Socket;
  readonly trace: Trace;
  readonly isTcp: boolean;
}

/** Plays a scene over a `net.Socket` and over our Duplex. @returns the two traces */
export async function bothTraces(
  wire: Wire,
  options: DuplexOptions,
  play: (scene: Scene) => Promise<unknown>,
): Promise<{ net: Trace; bipoll: Trace }> {
  return {
    net: await played(wire, byNet, options, play),
    bipoll: await played(wire, byBipoll, options, play),
  };
}

async function played(
  wire: Wire,
  connector: Connector,
  options: DuplexOptions,
  play: (scene: Scene) => Promise<unknown>,
): Promise<Trace> {
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
  const target = await wire.listen(server);
  const accepted = once(server, 'connection');
  const stream = await connector(target, options);
  const [peer] = (await accepted) as [net.Socket];
  peer.on('error', () => undefined);
  const trace: Trace = [];
  record(stream, trace);
  await play({ stream, peer, trace, isTcp: wire.isTcp });
  const closed = Promise.all([stream, peer].map(closing));
  const outcome = [...trace];
  stream.destroy();
  peer.destroy();
  await closed;
  server.close();
  return outcome;
}

/** Lists the events of a stream. What `'data'` brings is cut differently each time, so that is not listed. */
export function record(stream: net.Socket, trace: Trace): void {
  for (const event of ['connect', 'ready', 'end', 'finish', 'drain', 'timeout']) {
    stream.on(event, () => trace.push(event));
  }
  stream.on('error', (error: NodeJS.ErrnoException) => trace.push(`error ${error.code}`));
  stream.on('close', (hadError) => trace.push(`close ${hadError}`));
}

/** Lists what a callback was told. */
export function told(trace: Trace, name: string): (error?: Error | null) => void {
  return (error) => {
    trace.push(`${name} ${(error as NodeJS.ErrnoException | null | undefined)?.code ?? 'done'}`);
  };
}

async function closing(stream: net.Socket): Promise<void> {
  if (!stream.closed) await once(stream, 'close');
}
