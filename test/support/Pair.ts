import { lastValueFrom, toArray } from 'rxjs';
import { capabilities, listenTcp, socketPair, type StreamSocket } from 'bipoll';
import { type Connection, fromSocket, type ConnectionOptions } from 'bipoll/reactive';
import { accept, connect } from 'bipoll/sync';
import { PATIENCE } from './patience';

type Ends = readonly [StreamSocket, StreamSocket];

/** A connection, and the core socket at its other end. */
export class Pair {
  readonly socket: StreamSocket;
  readonly peer: StreamSocket;
  readonly connection: Connection;

  constructor(options: ConnectionOptions, [socket, peer]: Ends = socketPair()) {
    this.socket = socket;
    this.peer = peer;
    this.connection = fromSocket(this.socket, options);
  }

  close(): void {
    this.socket.close();
    this.peer.close();
  }
}

/** Ends that can be half-closed, and reset by a close: local ones where those can, others over TCP. */
export function pairOfSockets(): Ends {
  if (capabilities().features.localHalfClose) return socketPair();
  using server = listenTcp({ port: 0 });
  const client = connect({ host: server.host, port: server.port }, { timeout: PATIENCE });
  return [client, accept(server, { timeout: PATIENCE })];
}

/** All that comes, to its end. */
export async function bytesOf({ data$ }: Connection): Promise<Buffer> {
  return Buffer.concat(await lastValueFrom(data$.pipe(toArray())));
}

/** Writes until the system takes no more. @returns how many bytes it took */
export function fill(socket: StreamSocket, chunk: Uint8Array = Buffer.alloc(65_536)): number {
  let total = 0;
  for (let taken; (taken = socket.write(chunk)) > 0;) total += taken;
  return total;
}

/** The bytes in pieces, one by one. */
export function* slices(bytes: Buffer, size = 40_000): Generator<Buffer, void> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}
