import { invalidType, outOfRange } from '../arguments/errors';
import { type OptionNames, optionsOf, propertyOf } from '../arguments/options';
import { checkBoolean, checkBytes } from './argument';
import { ByteQueue } from './ByteQueue';
import type { Decoded, Decoder } from './Codec';
import { frameTooLarge } from './FramingError';

/** @see Deframer */
export interface DeframerOptions {
  /**
   * Whether the memory of chunks is only lent: the caller may write to it again as soon as `take`
   * has returned `undefined` or `takeRest` was called. Frames that would be views of a chunk are
   * copied then. Otherwise chunks must never be written to again.
   *
   * @defaultValue `false`
   */
  readonly borrowed?: boolean;
}

const DEFRAMER_OPTIONS: OptionNames<DeframerOptions> = { borrowed: true };

/**
 * Cuts a stream of bytes into frames. Chunks are pushed, frames are taken one at a time, and only
 * the bytes of frames that were taken are consumed: one can stop at any frame and have the rest.
 *
 * Whole frames are decoded from the chunk that they came in, without copying. The bytes of an
 * incomplete frame are copied when `take` returns `undefined`, and the chunk is let go. So for a
 * caller that takes all frames before it pushes again, memory is bounded: by one chunk and twice
 * `decoder.maxEncodedBytes`.
 *
 * Frames stay valid, as memory that a frame is a view of is never written to again. In turn the
 * frame keeps the whole chunk alive that it is a view of; to keep a few bytes for long, copy them.
 *
 * @example
 * const deframer = new Deframer(lines());
 * for (const line of deframer.push(Buffer.from('one\ntwo\nthr'))) console.log(line); // one, two
 * for (const line of deframer.push(Buffer.from('ee\nfour'))) console.log(line); // three
 * for (const line of deframer.end()) console.log(line); // four
 */
export class Deframer<Frame> implements Iterable<Frame> {
  readonly #decoder: Decoder<Frame>;
  readonly #borrowed: boolean;
  readonly #queue = new ByteQueue();

  /** How many bytes at the front the decoder has examined without finding a frame. */
  #seen = 0;
  #ended = false;

  /** @throws `TypeError` (`ERR_INVALID_ARG_TYPE`) if `decoder` is no decoder, or for a bad option. */
  constructor(decoder: Decoder<Frame>, options: DeframerOptions = {}) {
    checkDecoder(decoder);
    const { borrowed = false } = optionsOf('options', options, DEFRAMER_OPTIONS);
    checkBoolean('options.borrowed', borrowed);
    this.#decoder = decoder;
    this.#borrowed = borrowed;
  }

  /** How many pushed bytes are not yet consumed by a frame. */
  get restLength(): number {
    return this.#queue.length;
  }

  /**
   * Adds the next bytes of the stream. They are decoded only when a frame is taken.
   *
   * @returns this, to iterate over the frames.
   * @throws `TypeError` (`ERR_INVALID_ARG_TYPE`) if `chunk` is no `Uint8Array`; `Error`
   *   (`ERR_STREAM_PUSH_AFTER_EOF`) after {@link Deframer.end}.
   */
  push(chunk: Uint8Array): this {
    checkBytes('chunk', chunk);
    if (this.#ended) {
      const error = new Error('A chunk was pushed after the end of the stream');
      throw Object.assign(error, { code: 'ERR_STREAM_PUSH_AFTER_EOF' });
    }
    this.#queue.append(chunk);
    return this;
  }

  /**
   * Ends the stream: what is left is the last frame, or a truncated one.
   *
   * @returns this, to iterate over the last frames.
   */
  end(): this {
    this.#ended = true;
    return this;
  }

  /**
   * Consumes the next frame and returns it; `undefined` while there is no whole one.
   *
   * @throws {@link FramingError} if there will never be one. Nothing is consumed, so that it throws again when called
   * again; {@link Deframer.takeRest} still returns the bytes.
   */
  take(): Frame | undefined {
    for (;;) {
      const lent = this.#borrowed && this.#queue.frontIsChunk;
      const decoded = this.#decodeFront();
      if (decoded !== null) {
        this.#consume(decoded.length);
        const { frame } = decoded;
        if (frame !== undefined) {
          return lent && this.#decoder.copyFrame ? this.#decoder.copyFrame(frame) : frame;
        }
      } else if (!this.#queue.extendFront()) {
        return undefined;
      }
    }
  }

  /**
   * Consumes all bytes that are left and returns them, in memory of their own: for a protocol
   * upgrade, or to read on by other means.
   */
  takeRest(): Buffer {
    this.#seen = 0;
    return this.#queue.takeAll();
  }

  /** Takes frames until there is no whole one. Leaving the loop early loses nothing. */
  *[Symbol.iterator](): Generator<Frame, void, undefined> {
    for (let frame = this.take(); frame !== undefined; frame = this.take()) {
      yield frame;
    }
  }

  /** The frame at the front of the queue, `null` if what is there is no whole one. */
  #decodeFront(): Decoded<Frame> | null {
    const decoder = this.#decoder;
    const front = this.#queue.front();
    if (front.length > this.#seen) {
      const decoded = decoder.decode(front, this.#seen);
      if (decoded !== null) {
        return decoded;
      }
      if (front.length >= decoder.maxEncodedBytes) {
        throw frameTooLarge(decoder.maxEncodedBytes);
      }
      this.#seen = front.length;
    }
    const last = this.#ended && front.length > 0 && front.length === this.#queue.length;
    return last ? decoder.decodeEnd(front) : null;
  }

  #consume(length: number): void {
    if (!(length > 0 && length <= this.#queue.length)) {
      throw outOfRange('decoded.length', `from 1 to ${this.#queue.length}`, length);
    }
    this.#queue.consume(length);
    this.#seen = 0;
  }
}

function checkDecoder(decoder: unknown): void {
  for (const method of ['decode', 'decodeEnd']) {
    if (typeof propertyOf('decoder', decoder, method) !== 'function') {
      throw invalidType('decoder', 'a Decoder', decoder);
    }
  }
}
