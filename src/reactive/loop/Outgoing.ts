import { native, type Token } from '../../core/native';
import type { Chunk } from '../connection/Transport';
import { MAX_RECORDS, PIECE_FIELDS } from './records';
import type { Watch } from './Watch';

const CAPACITY = 64 * 1024;
/** As many pieces as one batch of records can report on. */
const MOST_PIECES = MAX_RECORDS;
/** The most bytes that UTF-8 needs for one UTF-16 unit. */
const MOST_BYTES_OF_UNIT = 3;

/**
 * Small chunks on their way to the engine, copied into one block and handed over together: a message costs a copy but
 * no native call.
 */
export class Outgoing {
  readonly #pump: Token;
  readonly #bytes = Buffer.allocUnsafeSlow(CAPACITY);
  readonly #pieces = new Float64Array(MOST_PIECES * PIECE_FIELDS);
  #count = 0;
  #end = 0;
  /** The watch that the last piece belongs to. */
  #last: Watch | null = null;
  /** The present generation; each handing over begins another. */
  #generation = 0;
  #isMixed = false;

  constructor(pump: Token) {
    this.#pump = pump;
  }

  /** Whether a chunk can be put now; if not, hand over first. A chunk larger than half the block never can. */
  hasRoomFor(chunk: Chunk): boolean {
    const most = typeof chunk === 'string' ? chunk.length * MOST_BYTES_OF_UNIT : chunk.length;
    return this.#end + most <= CAPACITY && this.#count < MOST_PIECES;
  }

  /** @returns how many bytes the chunk has */
  put(watch: Watch, chunk: Chunk): number {
    const start = this.#end;
    let length: number;
    if (typeof chunk === 'string') {
      length = this.#bytes.write(chunk, start);
    } else {
      this.#bytes.set(chunk, start);
      length = chunk.length;
    }
    this.#end = start + length;
    if (watch === this.#last) {
      this.#pieces[this.#count * PIECE_FIELDS - 1]! += length;
      return length;
    }
    if (watch.stagedIn === this.#generation) this.#isMixed = true;
    watch.stagedIn = this.#generation;
    const piece = this.#count++ * PIECE_FIELDS;
    this.#pieces[piece] = watch.token;
    this.#pieces[piece + 1] = watch.tag;
    this.#pieces[piece + 2] = length;
    this.#last = watch;
    return length;
  }

  /** Copies all to the outboxes of the engine. @returns the tags of those for which there was no memory */
  handOver(): readonly number[] {
    const count = this.#take();
    if (count === 0 || native.stage(this.#pump, this.#pieces, count, this.#bytes) === 0)
      return NONE;
    return this.#failedOf(count);
  }

  /** Whether the pieces of each socket are contiguous: then they can be sent in place. */
  get isInOrder(): boolean {
    return !this.#isMixed;
  }

  /**
   * Sends all without a copy; requires {@link isInOrder}. @returns the number of records, which say how much was sent
   */
  send(records: Float64Array): number {
    const count = this.#take();
    return count === 0
      ? 0
      : native.sendPieces(this.#pump, this.#pieces, count, this.#bytes, records);
  }

  /** @returns how many pieces there were */
  #take(): number {
    const count = this.#count;
    this.#count = this.#end = 0;
    this.#last = null;
    this.#isMixed = false;
    this.#generation++;
    return count;
  }

  #failedOf(count: number): number[] {
    const failed: number[] = [];
    for (let piece = 0; piece < count * PIECE_FIELDS; piece += PIECE_FIELDS) {
      if (this.#pieces[piece + 2]! < 0) failed.push(this.#pieces[piece + 1]!);
    }
    return failed;
  }
}

const NONE: readonly number[] = [];
