/**
 * Codecs: what makes frames of a stream of bytes, and bytes of frames. They know of no socket.
 *
 * @module bipoll/framing
 */
export { cobs, type CobsOptions } from './cobs';
export { type CodecName, codecsByName } from './codecsByName';
export type { Codec, Decoded, Decoder, Encoder } from './Codec';
export { contentLength, type ContentLengthOptions } from './contentLength';
export { Deframer, type DeframerOptions } from './Deframer';
export { delimiter, type DelimiterOptions } from './delimiter';
export { FramingError, type FramingErrorCode } from './FramingError';
export { lengthField, type LengthFieldOptions } from './lengthField';
export type { IntegerFormat, PrefixFormat } from './lengthPrefix';
export { lengthPrefixed, type LengthPrefixedOptions } from './lengthPrefixed';
export { lines, type LinesOptions } from './lines';
export { DEFAULT_MAX_BYTES, type MaxBytesOption } from './maxBytes';
export { ndjson, type NdjsonOptions } from './ndjson';
export { netstrings, type NetstringsOptions } from './netstrings';
export { slip, type SlipOptions } from './slip';
export { stxEtx, type StxEtxOptions } from './stxEtx';
