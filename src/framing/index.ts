export type { Codec, Decoded, Decoder, Encoder } from './Codec';
export { Deframer, type DeframerOptions } from './Deframer';
export { delimiter, type DelimiterOptions } from './delimiter';
export { FramingError, type FramingErrorCode } from './FramingError';
export { lengthPrefixed, type LengthPrefixedOptions } from './lengthPrefixed';
export { lines, type LinesOptions } from './lines';
export { DEFAULT_MAX_BYTES, type MaxBytesOption } from './maxBytes';
export { ndjson, type NdjsonOptions } from './ndjson';
export { netstrings, type NetstringsOptions } from './netstrings';
