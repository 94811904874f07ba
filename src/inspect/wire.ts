/** What the service tells the page, as JSON. The page is a program of its own. */

/** What happened at a point of the time line. */
export type MarkKind =
  | 'open'
  | 'in'
  | 'out'
  | 'held'
  | 'peerEnd'
  | 'peerReset'
  | 'ownEnd'
  | 'ownReset'
  | 'close'
  | 'fail';

/**
 * One marble: whose, when (milliseconds of the service's clock), what, how much, and how many bytes are queued then. How
 * much is bytes; of `held`, which is told when reading goes on, it is how many milliseconds it was held back.
 */
export type Mark = readonly [
  id: number,
  time: number,
  kind: MarkKind,
  amount: number,
  queuedBytes: number,
];

/** What is known of a connection that is shown. */
export interface Row {
  readonly id: number;
  readonly name: string;
  readonly isOpen: boolean;
  /** Since when reading is held back; null: it is not. */
  readonly heldAt: number | null;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly queuedBytes: number;
  /** Why it closed; null: it is open, or its end was orderly. */
  readonly error: string | null;
  /** Why it cannot be saved as a test; null: it can. */
  readonly unsavable: string | null;
}

/** Counted since somebody looks, all connections among them, shown or not. */
export interface Totals {
  readonly opened: number;
  readonly closed: number;
  readonly failed: number;
  readonly refused: number;
  readonly chunksIn: number;
  readonly chunksOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** What has happened since the last batch. */
export interface Batch {
  readonly time: number;
  readonly totals: Totals;
  readonly rows: readonly Row[];
  readonly marks: readonly Mark[];
  /** The ids of connections that are shown no longer. */
  readonly gone: readonly number[];
  /** How many marks were left out, as there were more than the limit. */
  readonly leftOut: number;
  /** How many open connections are not shown, as there are more than the limit. */
  readonly hidden: number;
}

/** What came in, or went out. */
export type Direction = 'in' | 'out';

/** The bytes of one connection, as far as they were kept. */
export interface Opened {
  readonly row: Row;
  readonly chunks: readonly { time: number; direction: Direction; base64: string }[];
  /** Whether the service has named a codec for its frames. */
  readonly hasCodec: boolean;
}

/** The codec that the service has named, where one of `codecsByName` can be asked for. */
export const SERVICE_CODEC = 'service';

/** Something for each direction. */
export type Both<Value> = Readonly<Record<Direction, Value>>;

/** What was decoded since the last batch, in the connection that somebody has asked for. */
export interface FrameBatch {
  readonly items: readonly FrameItem[];
  /** How many frames there were so far, shown or not. */
  readonly counts: Both<number>;
  /** How many bytes wait for the rest of their frame. */
  readonly restBytes: Both<number>;
  /** How many frames are not among the items, as there were more than the limit. */
  readonly leftOut: number;
}

export type FrameItem = ShownFrame | FrameNote;

/** One frame, or its beginning. */
export interface ShownFrame {
  /** When its last byte was seen: milliseconds of the service's clock. */
  readonly time: number;
  readonly direction: Direction;
  /** The first of its direction is 1. */
  readonly index: number;
  /** What it took of the stream: its header or delimiter too, and what was skipped before it. */
  readonly bytes: number;
  readonly content: { readonly text: string } | { readonly base64: string };
  /** Whether the content goes on. */
  readonly isCut: boolean;
}

/** Something to know about the frames before it and behind it. */
export interface FrameNote {
  readonly time: number;
  /** null: both. */
  readonly direction: Direction | null;
  readonly note: string;
  /** Whether decoding of this direction has failed. */
  readonly isError: boolean;
}
