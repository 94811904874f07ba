import type { Duplex } from 'node:stream';
import { errorOfCode } from '../../core/errors';
import type { StreamSocket } from '../../core/StreamSocket';
import { Unread } from '../../core/Unread';
import type { Ends } from '../connection/Ends';
import type { ConnectionSettings } from '../connection/options';
import type { Chunk, Transport, TransportEvents } from '../connection/Transport';
import type { Context } from '../loop/Context';
import { BYTES_PER_TURN, Demand } from '../loop/records';
import { after } from '../timer';
import { DuplexEnds } from './DuplexEnds';
import { DuplexWriter } from './DuplexWriter';
import { prematureClose } from './netErrors';

/** What some streams have, such as a `net.Socket`. */
type SocketLike = Duplex & {
  ref?(): unknown;
  unref?(): unknown;
  resetAndDestroy?(): unknown;
};

/**
 * - `untouched`: nobody has wanted to read
 * - `open`: the stream is read on demand, and by itself reads ahead up to its own mark
 * - `ended`: the end, or the failure, was told
 * - `closed`: the connection is closed
 */
type Incoming = 'untouched' | 'open' | 'ended' | 'closed';

/** The transport of a connection over a Node stream, which is read only while bytes are wanted. */
export class DuplexTransport implements Transport {
  readonly lends = false;
  readonly passesDescriptors = false;
  readonly unread = new Unread();
  readonly #duplex: SocketLike;
  readonly #settings: ConnectionSettings;
  readonly #context: Context;
  readonly #ends: DuplexEnds;
  /** What it listens to on the stream until it is closed. */
  readonly #listeners: Readonly<Record<string, () => void>>;
  #events!: TransportEvents;
  #writer!: DuplexWriter;
  #demand: number = Demand.Nothing;
  #incoming: Incoming = 'untouched';
  #isReadScheduled = false;
  #resets = false;
  #isUsed = false;
  #isReferenced = true;

  /** @param context in which it reports */
  constructor(duplex: Duplex, settings: ConnectionSettings, context: Context) {
    this.#duplex = duplex;
    this.#settings = settings;
    this.#context = context;
    this.#ends = new DuplexEnds(duplex);
    this.#listeners = {
      readable: () => {
        if (!this.#isReadScheduled) this.#read();
      },
      end: () => {
        this.#tellEnd(null);
      },
      close: () => {
        this.#afterClose();
      },
      finish: () => {
        this.#writer.onEndOver(true);
      },
    };
  }

  start(events: TransportEvents): void {
    const duplex = this.#duplex;
    this.#events = events;
    this.#writer = new DuplexWriter(duplex, this.#context, events);
    duplex.allowHalfOpen = true; // whether our side stays open is the connection's choice
    this.#listen('end', 'close', 'finish');
    // Stays to the end: without it an error of a stream that is left would end the process.
    duplex.on('error', (error: Error) => {
      this.#context.run(() => {
        this.#fail(error);
      });
    });
    this.keepAlive(false);
  }

  #listen(...names: string[]): void {
    for (const name of names) {
      const hear = this.#listeners[name]!;
      this.#duplex.on(name, () => {
        if (this.#incoming !== 'closed') this.#context.run(hear);
      });
    }
  }

  get socket(): StreamSocket {
    throw errorOfCode('ENOTSOCK', 'socket'); // the blocking verbs need a socket of the engine
  }

  get ends(): Ends {
    return this.#ends.known;
  }

  // ---- Reading ----

  unreadChanged(): void {
    // There is no one else to tell.
  }

  get dataAvailable(): boolean {
    return this.unread.length > 0 || this.#duplex.readableLength > 0;
  }

  want(demand: number): void {
    const gained = demand & ~this.#demand & (Demand.Bytes | Demand.PeerEnd);
    this.#demand = demand;
    if (gained === 0) return;
    if (this.#incoming === 'untouched') {
      this.#incoming = 'open';
      this.#listen('readable');
    }
    if (this.#incoming === 'open') this.#readSoon(queueMicrotask);
  }

  #readSoon(schedule: (call: () => void) => unknown): void {
    if (this.#isReadScheduled) return;
    this.#isReadScheduled = true;
    schedule(() => {
      this.#isReadScheduled = false;
      this.#context.run(() => {
        this.#read();
      });
    });
  }

  #wants(demand: number): boolean {
    return this.#incoming === 'open' && (this.#demand & demand) !== 0;
  }

  /** Reads what is there, but in one turn no more than from a socket: a stream may always have more. */
  #read(): void {
    const duplex = this.#duplex;
    for (let room = BYTES_PER_TURN; this.#wants(Demand.Bytes);) {
      if (room <= 0) {
        this.#readSoon(setImmediate);
        return;
      }
      const chunk = duplex.read() as Buffer | null;
      if (chunk === null) break;
      room -= chunk.length;
      this.#events.onBytes(chunk);
    }
    if (!this.#wants(Demand.Bytes | Demand.PeerEnd) || duplex.readableLength > 0) return;
    // Reading nothing makes the stream look for its end.
    if (duplex.readable) duplex.read(0);
    else if (!duplex.destroyed) this.#tellEnd(null);
  }

  #tellEnd(error: Error | null): void {
    if (this.#incoming === 'ended' || this.#incoming === 'closed') return;
    this.#incoming = 'ended';
    this.#events.onEnd(error);
  }

  // ---- Writing ----

  get queuedBytes(): number {
    return this.#writer.queuedBytes;
  }

  send(chunk: Chunk): number {
    this.#writer.send(chunk);
    return 0;
  }

  end(): void {
    this.#writer.end();
  }

  // ---- Its end ----

  /** The stream failed, which is the end of both directions. What it has read before is still delivered. */
  #fail(error: Error): void {
    this.#writer.fail(error);
    while (this.#incoming === 'untouched' || this.#incoming === 'open') {
      const chunk = this.#duplex.read() as Buffer | null;
      if (chunk === null) this.#tellEnd(error);
      else this.#events.onBytes(chunk);
    }
  }

  /** If both directions have ended before, this is no news. */
  #afterClose(): void {
    if (this.#incoming === 'ended' && this.queuedBytes === 0) this.#writer.onEndOver(false);
    else this.#fail(prematureClose());
  }

  /**
   * Ends the stream after what was sent, then destroys it, after `closeTimeout` at the latest: TLS must still send its
   * close_notify, which tells an end from a truncation. For an error the stream is destroyed at once.
   */
  close(error: Error | null): number {
    const duplex = this.#duplex;
    const lostBytes = this.#writer.close();
    this.#incoming = 'closed';
    if (this.#resets) this.#reset();
    else if (error || !duplex.writable) duplex.destroy(error ?? undefined);
    else this.#endAndDestroy();
    return lostBytes;
  }

  #endAndDestroy(): void {
    const duplex = this.#duplex;
    const { scheduler, closeTimeout } = this.#settings;
    const destroy = () => {
      duplex.destroy();
    };
    const deadline = after(scheduler, closeTimeout, destroy);
    duplex.once('finish', destroy).once('close', () => {
      deadline.unsubscribe();
    });
    this.#writer.writeLast();
  }

  resetOnClose(): void {
    this.#resets = true;
  }

  #reset(): void {
    try {
      if (this.#duplex.resetAndDestroy) this.#duplex.resetAndDestroy();
      else this.#duplex.destroy();
    } catch {
      this.#duplex.destroy(); // what it runs over has no reset
    }
  }

  keepAlive(isWanted: boolean): void {
    this.#isUsed = isWanted;
    this.holdProcess(isWanted && this.#isReferenced);
  }

  reference(isWanted: boolean): void {
    this.#isReferenced = isWanted;
    this.holdProcess(isWanted && this.#isUsed);
  }

  protected holdProcess(isWanted: boolean): void {
    if (isWanted) this.#duplex.ref?.();
    else this.#duplex.unref?.();
  }
}
