/** What the service tells the page, as JSON. Only types: the page is a program of its own. */

/** What happened at a point of the time line. */
export type MarkKind =
  | 'open'
  | 'in'
  | 'out'
  | 'held'
  | 'released'
  | 'peerEnd'
  | 'peerReset'
  | 'ownEnd'
  | 'ownReset'
  | 'close'
  | 'fail';

/** One marble: whose, when (milliseconds of the service's clock), what, how many bytes, and how many are queued then. */
export type Mark = readonly [
  id: number,
  time: number,
  kind: MarkKind,
  bytes: number,
  queuedBytes: number,
];

/** What is known of a connection that is shown. */
export interface Row {
  readonly id: number;
  readonly name: string;
  readonly isOpen: boolean;
  readonly isHeld: boolean;
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

/** The bytes of one connection, as far as they were kept. */
export interface Opened {
  readonly row: Row;
  readonly chunks: readonly { time: number; direction: 'in' | 'out'; base64: string }[];
}
