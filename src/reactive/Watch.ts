import type { Token } from '../core/native';
import type { EventLoop } from './EventLoop';
import { Demand, type OtherKind } from './records';

/** Whom the loop tells of a socket. */
export interface Watcher {
  /** Bytes of the present batch: the watcher's own, or lent, as it asked. */
  onBytes(bytes: Buffer): void;
  /** Anything else. `value` is a token or a failure, by the kind of the record. */
  onRecord(kind: OtherKind, value: number): void;
}

/** One socket in an event loop. */
export class Watch {
  wanted: number = Demand.Nothing;
  /** What the engine was told. */
  applied: number = Demand.Nothing;
  /** Whether what is wanted is to be told at the end of the batch. */
  isChanged = false;

  constructor(
    readonly loop: EventLoop,
    readonly tag: number,
    readonly token: Token,
    readonly watcher: Watcher,
    readonly borrows: boolean,
  ) {}

  /** Sets what is wanted. Within a batch it takes effect at its end, so that to and fro costs nothing. */
  want(demand: number): void {
    if (demand === this.wanted) return;
    this.wanted = demand;
    this.loop.changed(this);
  }

  /** Takes the socket out, which must be done before it is closed. */
  close(): void {
    this.loop.remove(this);
  }
}
