import { lastValueFrom, toArray } from 'rxjs';
import { type LocalStream, socketPair } from 'bipoll';
import { type Connection, connection, type ConnectionOptions } from 'bipoll/reactive';

/** A connection, and the core socket at its other end. */
export class Pair {
  readonly socket: LocalStream;
  readonly peer: LocalStream;
  readonly connection: Connection;

  constructor(options: ConnectionOptions) {
    [this.socket, this.peer] = socketPair();
    this.connection = connection(this.socket, options);
  }

  close(): void {
    this.socket.close();
    this.peer.close();
  }
}

/** All that comes, to its end. */
export async function bytesOf({ data$ }: Connection): Promise<Buffer> {
  return Buffer.concat(await lastValueFrom(data$.pipe(toArray())));
}

/** Writes until the system takes no more. @returns how many bytes it took */
export function fill(socket: LocalStream, chunk: Uint8Array = Buffer.alloc(65_536)): number {
  let total = 0;
  for (let taken; (taken = socket.write(chunk)) > 0;) total += taken;
  return total;
}

/** The bytes in pieces, one by one. */
export function* slices(bytes: Buffer, size = 40_000): Generator<Buffer, void> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}
