import { optionsOf } from '../arguments/options';
import { checkBytes, checkFront } from './argument';
import type { Codec, Decoded } from './Codec';
import { copyBytes } from './copyBytes';
import { frameMalformed, frameTooLarge } from './FramingError';
import { checkMaxBytes, MAX_BYTES_OPTION, type MaxBytesOption } from './maxBytes';
import { wholeLastFrame } from './wholeLastFrame';

const END_OF_HEADER = '\r\n\r\n';
/** As much as HTTP servers usually take. */
const MAX_HEADER_BYTES = 8192;
/** A field of a header: its name and its value. */
const FIELD = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/;

/** How large a frame may be. @see contentLength */
export type ContentLengthOptions = MaxBytesOption;

/**
 * Frames of bytes, each after a header that has its `Content-Length`, as in the Language Server Protocol and the Debug
 * Adapter Protocol: lines ended by CRLF, then an empty one. Other fields of the header are passed over.
 *
 * Frames are views of the bytes that were decoded. Decoding throws {@link FramingError} `ERR_FRAME_TOO_LARGE` as soon as
 * the header is there, `ERR_FRAME_MALFORMED` for a header without exactly one good `Content-Length`, or of more than 8
 * KiB, and `ERR_FRAME_TRUNCATED` if the stream ends within a frame.
 *
 * @throws `TypeError` or `RangeError` (`ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`) for a bad `maxBytes`.
 *
 * @example
 * const messages = contentLength();
 * writeAll(server, messages.encode(Buffer.from(JSON.stringify(request))), limit);
 * for (const message of frames(server, messages, limit)) console.log(JSON.parse(String(message)));
 */
export function contentLength(options: ContentLengthOptions = {}): Codec<Buffer, Uint8Array> {
  const maxBytes = checkMaxBytes(optionsOf('options', options, MAX_BYTES_OPTION).maxBytes);

  function decode(bytes: Buffer, seen: number): Decoded<Buffer> | null {
    checkFront(bytes, seen);
    const headerEnd = bytes.subarray(0, MAX_HEADER_BYTES).indexOf(END_OF_HEADER);
    if (headerEnd === -1) {
      if (bytes.length >= MAX_HEADER_BYTES) {
        throw frameMalformed(`A header has no end within ${MAX_HEADER_BYTES} bytes`);
      }
      return null;
    }
    const length = lengthIn(bytes.toString('latin1', 0, headerEnd));
    if (length > maxBytes) throw frameTooLarge(maxBytes, length);
    const start = headerEnd + END_OF_HEADER.length;
    const end = start + length;
    return bytes.length < end ? null : { frame: bytes.subarray(start, end), length: end };
  }

  return {
    maxEncodedBytes: MAX_HEADER_BYTES + maxBytes,

    decode,

    decodeEnd: wholeLastFrame(decode),

    encode(frame) {
      checkBytes('frame', frame);
      if (frame.length > maxBytes) throw frameTooLarge(maxBytes, frame.length);
      return Buffer.concat([Buffer.from(`Content-Length: ${frame.length}${END_OF_HEADER}`), frame]);
    },

    copyFrame: copyBytes,
  };
}

/** The one length that a header gives. */
function lengthIn(header: string): number {
  const lengths: string[] = [];
  for (const line of header.split('\r\n')) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined) throw frameMalformed('A line of a header is no field');
    if (name.toLowerCase() === 'content-length') lengths.push(value!);
  }
  const [length] = lengths;
  if (lengths.length !== 1 || !/^\d+$/.test(length!)) {
    throw frameMalformed('A header does not have one Content-Length, in digits');
  }
  return Number(length);
}
