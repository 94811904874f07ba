/** The peer ended before what was asked for had arrived (`ERR_END_OF_STREAM`). */
export class EndOfStreamError extends Error {
  override readonly name = 'EndOfStreamError';
  readonly code = 'ERR_END_OF_STREAM';

  constructor(
    verb: string,
    /** How many bytes had arrived. They can still be read. */
    readonly bytesAvailable: number,
  ) {
    super(`${verb}: the peer ended the stream after ${bytesAvailable} bytes`);
  }
}
