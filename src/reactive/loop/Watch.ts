import type { Token } from '../../core/native';
import type { Context } from './Context';
import type { EventLoop } from './EventLoop';
import { Demand, type OtherKind } from './records';

/** One socket in an event loop, and whom the loop tells of it. */
export abstract class Watch {
  /** What the loop knows it by; -1 while it is not in the loop. */
  tag = -1;
  wanted: number = Demand.Nothing;
  /** What the engine was told. */
  applied: number = Demand.Nothing;
  /** Whether what is wanted is to be told at the end of the batch. */
  isChanged = false;
  /** Whether bytes were lost on their way out, perhaps not told yet: none that follow may be sent, or they would leave a gap. */
  hasLostBytes = false;

  /** The generation of {@link Outgoing} in which it put its last chunk. */
  stagedIn = -1;

  /**
   * @param context in which it is told
   * @param borrows whether bytes are only lent to it
   */
  constructor(
    readonly loop: EventLoop,
    readonly token: Token,
    readonly context: Context,
    readonly borrows: boolean,
  ) {}

  /** Whether the loop may forget it while nothing is wanted of it. */
  get isIdle(): boolean {
    return false;
  }

  /** Bytes of the present batch: the watch's own, or lent. */
  abstract onBytes(bytes: Buffer): void;
  /** Anything else. `value` is a token, a count or a failure, by the kind of the record. */
  abstract onRecord(kind: OtherKind, value: number): void;
  /** What is wanted cannot be had, such as for want of memory. Nothing more is told. */
  abstract onFailure(error: Error): void;

  /** Sets what is wanted. Within a batch it takes effect at its end, so that to and fro costs nothing. */
  want(demand: number): void {
    if (demand === this.wanted) return;
    this.wanted = demand;
    this.loop.watches.changed(this);
  }

  /** Takes the socket out of the loop, which must be done before it is closed. */
  leave(): void {
    this.loop.watches.remove(this);
  }
}
