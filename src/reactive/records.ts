/** What is wanted of a socket: `enum bp_demand` of the engine. What nobody wants is not watched for. */
export const Demand = {
  Nothing: 0,
  Connections: 1 << 0,
  Outcome: 1 << 1,
  Bytes: 1 << 2,
  Room: 1 << 3,
  PeerEnd: 1 << 4,
} as const;

/** What a record tells: `enum bp_record_kind` of the engine. */
export const RecordKind = {
  Connection: 0,
  Refusal: 1,
  Outcome: 2,
  Bytes: 3,
  End: 4,
  Room: 5,
  PeerEnd: 6,
} as const;

export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

/** The records that bring no bytes. */
export type OtherKind = Exclude<RecordKind, typeof RecordKind.Bytes>;

/** What the engine stops watching for by itself once it has told it. */
export const demandsEndedBy: Readonly<Record<RecordKind, number>> = {
  [RecordKind.Connection]: Demand.Nothing,
  [RecordKind.Refusal]: Demand.Nothing,
  [RecordKind.Outcome]: Demand.Outcome,
  [RecordKind.Bytes]: Demand.Nothing,
  [RecordKind.End]: Demand.Bytes,
  [RecordKind.Room]: Demand.Room,
  [RecordKind.PeerEnd]: Demand.PeerEnd,
};

/** The numbers of one record. */
export const RECORD_FIELDS = 4;
