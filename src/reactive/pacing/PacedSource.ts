import type { FrameSource } from '../FrameDeadline';
import type { Holdable } from './Holds';

/** Where values come from, as seen by the operators that hold it back. */
export interface PacedSource extends Holdable, FrameSource {
  /** Whether chunks are only lent. */
  readonly lends: boolean;
  /** Whether it was told to stop: an incomplete frame is then no truncation, only unread. */
  readonly isStopped: boolean;
  /** Gives back bytes that were emitted but not used: the next reader gets them first. */
  giveBack(bytes: Uint8Array): void;
}
