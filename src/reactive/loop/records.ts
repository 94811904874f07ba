/** What is wanted of a socket: `enum bp_demand` of the engine. */
export const Demand = {
  Nothing: 0,
  Connections: 1 << 0,
  Outcome: 1 << 1,
  Bytes: 1 << 2,
  PeerEnd: 1 << 3,
  Answers: 1 << 4,
  Descriptors: 1 << 5,
} as const;

/** What a record reports: `enum bp_record_kind` of the engine. */
export const RecordKind = {
  Connection: 0,
  Refusal: 1,
  Outcome: 2,
  Bytes: 3,
  End: 4,
  PeerEnd: 5,
  Sent: 6,
  SendFailed: 7,
  Ended: 8,
  Descriptor: 9,
} as const;

export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

/** The records that bring neither bytes nor descriptors. */
export type OtherKind = Exclude<RecordKind, typeof RecordKind.Bytes | typeof RecordKind.Descriptor>;

/** What the engine stops watching for by itself once it has reported it. */
export const demandsEndedBy: Readonly<Record<RecordKind, number>> = {
  [RecordKind.Connection]: Demand.Nothing,
  [RecordKind.Refusal]: Demand.Nothing,
  [RecordKind.Outcome]: Demand.Outcome,
  [RecordKind.Bytes]: Demand.Nothing,
  [RecordKind.End]: Demand.Bytes | Demand.PeerEnd,
  [RecordKind.PeerEnd]: Demand.PeerEnd,
  [RecordKind.Sent]: Demand.Nothing,
  [RecordKind.SendFailed]: Demand.Nothing,
  [RecordKind.Ended]: Demand.Nothing,
  [RecordKind.Descriptor]: Demand.Nothing,
};

/** The most records of one batch. */
export const MAX_RECORDS = 512;

/** The numbers of one record: tag, kind, value, offset. */
export const RECORD_FIELDS = 4;

/** The numbers of one piece that is sent: socket, tag, length. */
export const PIECE_FIELDS = 3;

/** The most that one socket adds to a batch, beside its descriptors: the engine keeps so much room for each. */
export const RECORDS_PER_SOCKET = 8;

/** A batch with so many records may have left something out. */
export const MOST_RECORDS = MAX_RECORDS - RECORDS_PER_SOCKET;

/** The most bytes that are read for one socket in one batch. */
export const BYTES_PER_TURN = 64 * 1024;
