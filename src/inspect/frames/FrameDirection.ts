import { isError } from '../../core/isError';
import type { Decoder } from '../../framing/Codec';
import { Deframer } from '../../framing/Deframer';
import type { Direction } from '../wire';
import type { FrameLog } from './FrameLog';

/**
 * Decodes what goes in one direction. An error, whatever the codec throws, ends decoding there and is noted: it must
 * reach neither the service nor the other direction.
 */
export class FrameDirection {
  readonly #decoder: Decoder<unknown>;
  readonly #direction: Direction;
  readonly #log: FrameLog;
  #state: 'decoding' | 'failed' | 'ended' = 'decoding';
  #deframer: Deframer<unknown>;

  constructor(decoder: Decoder<unknown>, direction: Direction, log: FrameLog) {
    this.#decoder = decoder;
    this.#direction = direction;
    this.#log = log;
    this.#deframer = new Deframer(decoder);
  }

  /** How many bytes wait for the rest of their frame. */
  get restBytes(): number {
    return this.#deframer.restLength;
  }

  /** The chunk may be written to afterwards. */
  push(time: number, chunk: Uint8Array): void {
    if (this.#state === 'decoding') this.#decode(time, () => this.#deframer.push(chunk));
  }

  end(time: number, mark: '|' | '#'): void {
    if (this.#state === 'ended') return;
    // After a reset nobody expects the rest of a frame.
    if (this.#state === 'decoding' && mark === '|') this.#decode(time, () => this.#deframer.end());
    this.#log.addNote(time, this.#direction, mark === '|' ? 'the end' : 'broken off');
    this.#state = 'ended';
  }

  /** Bytes are missing: decodes what comes next as if it were the beginning. */
  restart(): void {
    if (this.#state === 'ended') return;
    this.#forget();
    this.#state = 'decoding';
  }

  /** Takes all frames before it returns, so that none is a view of memory that has changed. */
  #decode(time: number, more: () => Deframer<unknown>): void {
    try {
      const deframer = more();
      let before = deframer.restLength;
      for (const frame of deframer) {
        this.#log.addFrame(time, this.#direction, before - deframer.restLength, frame);
        before = deframer.restLength;
      }
    } catch (error) {
      this.#state = 'failed';
      this.#forget();
      this.#log.addNote(time, this.#direction, `${reasonOf(error)}; decoding stops here`, true);
    }
  }

  #forget(): void {
    this.#deframer = new Deframer(this.#decoder);
  }
}

/** `ERR_FRAME_TOO_LARGE: A frame exceeds the limit of 65536 bytes` */
function reasonOf(error: unknown): string {
  if (!isError(error)) return 'the codec threw what is no error';
  const { code, message } = error as Error & { code?: unknown };
  return typeof code === 'string' ? `${code}: ${message}` : message;
}
