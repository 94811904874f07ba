import type { Token } from '../../core/native';
import type { Socket } from '../../core/Socket';
import type { Context } from './Context';
import type { EventLoop } from './EventLoop';
import { Demand, type OtherKind } from './records';

/** One socket in an event loop, and the receiver of its records. */
export abstract class Watch {
  /** Its number in the loop; -1 while it is not in the loop. */
  tag = -1;
  wanted: number = Demand.Nothing;
  /** What the engine was last told to watch for. */
  applied: number = Demand.Nothing;
  /** Whether the engine must be told of a changed demand at the end of the batch. */
  isChanged = false;
  /** Whether bytes were lost on their way out, even if not reported yet: sending more would leave a gap. */
  hasLostBytes = false;

  /** The generation of {@link Outgoing} in which it put its last chunk. */
  stagedIn = -1;

  /**
   * @param context in which its callbacks run
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

  /** Receives bytes of the present batch, given away or lent, and the descriptors that came with them. */
  abstract onBytes(bytes: Buffer, descriptors: readonly Socket[]): void;
  /** Receives any other record. `value` is a token, a count or a failure, by the kind of the record. */
  abstract onRecord(kind: OtherKind, value: number): void;
  /** The engine cannot watch it, for example for lack of memory. Nothing more is reported. */
  abstract onFailure(error: Error): void;

  /** Sets what is wanted. Within a batch this takes effect at its end, so that changes back and forth cost nothing. */
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
