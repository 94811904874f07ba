/** How much the view shows and keeps at most, whatever the service does. */
export interface Limits {
  /** Marks of the time line in a second; further ones are counted, and left out. */
  readonly marksPerSecond: number;
  /** Connections that are shown at a time; further ones are counted. */
  readonly connections: number;
  /** Bytes that are kept of each connection that is shown, both directions together. */
  readonly bytesPerConnection: number;
  /** Chunks that are kept of each. */
  readonly chunksPerConnection: number;
  /** Frames in a second that are shown of a connection; further ones are counted, and left out. */
  readonly framesPerSecond: number;
  /** Frames that wait to be sent to whoever has asked for them. */
  readonly framesPerBatch: number;
  /** The longest frame that a codec chosen in the page takes, in bytes. */
  readonly bytesPerFrame: number;
  /** Bytes, or characters, that are shown of a frame. */
  readonly shownPerFrame: number;
}

export const LIMITS: Limits = {
  marksPerSecond: 2000,
  connections: 200,
  bytesPerConnection: 64 * 1024,
  chunksPerConnection: 1000,
  framesPerSecond: 2000,
  framesPerBatch: 1000,
  bytesPerFrame: 1024 * 1024,
  shownPerFrame: 1024,
};
