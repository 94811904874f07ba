import type { Holdable } from './Holds';

/** Where values come from, as seen by the operators that hold it back. */
export interface PacedSource extends Holdable {
  /** Whether chunks are only lent. */
  readonly lends: boolean;
  /** Whether it was told to stop: an incomplete frame is then no truncation, only unread. */
  readonly isStopped: boolean;
  /** Calls back in the context of the source, as it does for its values. */
  inContext(call: () => void): void;
  /** Gives back bytes that were emitted but not used: the next reader gets them first. */
  giveBack(bytes: Uint8Array): void;
}
