/** One decoded frame: what it means, and how many bytes it occupied. */
export interface Decoded<Frame> {
  /**
   * The frame; `undefined` for bytes that carry none and are to be skipped, such as a blank line.
   */
  readonly frame: Frame | undefined;
  /** The bytes that it takes from the start, header or delimiter included. At least 1. */
  readonly length: number;
}

/**
 * Finds the frames in a stream of bytes.
 *
 * A decoder holds no state: the bytes that are not yet consumed stay with its caller. So one
 * decoder may serve any number of connections, and a caller that stops taking frames, at a `break`,
 * a timeout or a protocol upgrade, has lost nothing: only the bytes of the frames that it took are
 * gone. {@link Deframer} is such a caller.
 *
 * Frames depend on the bytes alone, never on how they were cut into chunks.
 *
 * @example
 * // Records of a fixed size.
 * const size = 16;
 * const records: Decoder<Buffer> = {
 *   maxEncodedBytes: size,
 *   decode: (bytes) =>
 *     bytes.length < size ? null : { frame: bytes.subarray(0, size), length: size },
 *   decodeEnd(bytes) {
 *     if (bytes.length > 0 && bytes.length < size) {
 *       throw new FramingError('ERR_FRAME_TRUNCATED', 'The stream ended within a record');
 *     }
 *     return this.decode(bytes, 0);
 *   },
 *   copyFrame: (frame) => Buffer.from(frame),
 * };
 */
export interface Decoder<Frame> {
  /**
   * The most bytes that one frame may occupy, header or delimiter included: what a caller may have
   * to hold for a frame that is not yet complete.
   */
  readonly maxEncodedBytes: number;

  /**
   * The first frame of `bytes`, `null` while it is not complete.
   *
   * @param bytes - The bytes received and not yet consumed, or as many of them as the caller has in one piece. They
   * must not be written to; the frame may be a view of them.
   * @param seen - How many of these bytes, from the start, an earlier call has already examined without finding a
   * frame. A decoder that searches continues there, so that a long frame in small pieces is not searched again and
   * again.
   * @throws {@link FramingError} if the bytes cannot become a frame. As early as that is certain,
   *   and again whenever it is called with these bytes.
   */
  decode(bytes: Buffer, seen: number): Decoded<Frame> | null;

  /**
   * The same when the stream has ended, so that `bytes` are the last; `null` when there are none.
   *
   * @throws {@link FramingError} `ERR_FRAME_TRUNCATED` if the stream ended within a frame.
   */
  decodeEnd(bytes: Buffer): Decoded<Frame> | null;

  /**
   * A copy in memory of its own. Present if, and only if, frames are views of the bytes that they were decoded from.
   */
  copyFrame?(frame: Frame): Frame;
}

/** Turns frames into bytes. Like a decoder it holds no state and can be shared. */
export interface Encoder<Frame> {
  /**
   * The bytes of one frame as they go over the wire. The caller owns them: nothing else refers to them.
   *
   * @throws `TypeError` (`ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`) or {@link FramingError}
   *   (`ERR_FRAME_TOO_LARGE`) for a frame that the decoder of the same options would not give back.
   */
  encode(frame: Frame): Buffer;
}

/**
 * Both directions of one wire format. `Input` is what it encodes, where that is wider than what it
 * decodes.
 */
export interface Codec<Frame, Input = Frame> extends Decoder<Frame>, Encoder<Input> {}
