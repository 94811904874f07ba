/**
 * Why bytes could not be turned into frames, or a frame into bytes:
 * - `ERR_FRAME_TOO_LARGE`: the frame is longer than `maxBytes`, or than its length prefix can say;
 * - `ERR_FRAME_TRUNCATED`: the stream ended within a frame;
 * - `ERR_FRAME_MALFORMED`: the bytes are not of this format.
 */
export type FramingErrorCode =
  'ERR_FRAME_TOO_LARGE' | 'ERR_FRAME_TRUNCATED' | 'ERR_FRAME_MALFORMED';

/**
 * A frame that cannot be decoded or encoded. Decoding cannot go on behind it, as the start of the
 * next frame is unknown; the bytes of the bad frame are still there for `takeRest()` of `Deframer`.
 *
 * @example
 * try {
 *   for (const line of deframer.push(chunk)) handle(line);
 * } catch (error) {
 *   if (error instanceof FramingError && error.code === 'ERR_FRAME_TOO_LARGE') socket.close();
 *   else throw error;
 * }
 */
export class FramingError extends Error {
  static {
    this.prototype.name = 'FramingError';
  }

  readonly code: FramingErrorCode;

  /** `options.cause`: the error behind it, such as the `SyntaxError` of `JSON.parse`. */
  constructor(code: FramingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** `length` is left out where only so much is known: that the limit is exceeded. */
export function frameTooLarge(maxBytes: number, length?: number): FramingError {
  const frame = length === undefined ? 'A frame' : `A frame of ${length} bytes`;
  return new FramingError('ERR_FRAME_TOO_LARGE', `${frame} exceeds the limit of ${maxBytes} bytes`);
}

/** `received`: how many bytes of the frame there are. */
export function frameTruncated(received: number, options?: ErrorOptions): FramingError {
  return new FramingError(
    'ERR_FRAME_TRUNCATED',
    `The stream ended within a frame, ${received} bytes after its start`,
    options,
  );
}

export function frameMalformed(reason: string, options?: ErrorOptions): FramingError {
  return new FramingError('ERR_FRAME_MALFORMED', reason, options);
}
