/** What is wanted of a socket: `enum bp_demand` of the engine. What nobody wants is not watched for. */
export enum Demand {
  Nothing = 0,
  Connections = 1 << 0,
  Outcome = 1 << 1,
  Bytes = 1 << 2,
  Room = 1 << 3,
  PeerEnd = 1 << 4,
}

/** What a record tells: `enum bp_record_kind` of the engine. */
export enum RecordKind {
  Connection,
  Refusal,
  Outcome,
  Bytes,
  End,
  Room,
  PeerEnd,
}

/** What the engine stops watching for by itself once it has told it. */
export const demandsEndedBy: Readonly<Record<RecordKind, Demand>> = {
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
