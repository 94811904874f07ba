import { types } from 'node:util';
import {
  asyncScheduler,
  Observable,
  type OperatorFunction,
  type SchedulerLike,
  type Subscriber,
} from 'rxjs';
import { checkTimeout, isDetached, type OptionNames, optionsOf } from '../core/argument';
import { type Decoder, Deframer } from '../framing';
import { checkScheduler } from './connection/options';
import { FrameDeadline } from './FrameDeadline';
import { currentOrigin, Origin } from './pacing/Origin';
import { Upstream } from './pacing/Upstream';

/** @see decode */
export interface DecodeOptions {
  /**
   * Milliseconds that a frame may take from its first byte to its last; no limit by default. Time in which we hold the
   * connection back does not count. With it, a client that sends a byte now and then does not keep its place for ever.
   */
  readonly timeout?: number;
  /** Where the time comes from; rxjs' `asyncScheduler` by default. */
  readonly scheduler?: SchedulerLike;
}

const DECODE_OPTIONS: OptionNames<DecodeOptions> = { timeout: true, scheduler: true };

/**
 * Cuts the chunks of a stream into frames. Unsubscribing early loses nothing, as long as the chunks reach it
 * synchronously and unchanged: the bytes after the last frame go back to the connection, for the next reader.
 *
 * Where the chunks of several connections are merged, as by `merge` or `switchMap`, each connection is decoded
 * separately. Behind operators that emit later, such as `delay`, they cannot be told apart and are one stream.
 *
 * An error of the Observable: `FramingError` for bytes that are no frame, or a frame over the decoder's limit;
 * `ERR_INVALID_ARG_TYPE` for a chunk that is no bytes; `ERR_INVALID_STATE` for one whose memory was only lent
 * (`borrow: true`) and has been taken back; `TimeoutError` for a frame that was not complete within `timeout`.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 *
 * @example
 * connection.data$.pipe(decode(lines({ maxBytes: 1024 }))).subscribe((line) => console.log(line));
 */
export function decode<Frame>(
  decoder: Decoder<Frame>,
  options: DecodeOptions = {},
): OperatorFunction<Uint8Array, Frame> {
  new Deframer(decoder); // refuses an invalid decoder now, not at the first chunk
  const { timeout = Infinity, scheduler = asyncScheduler } = optionsOf(
    'options',
    options,
    DECODE_OPTIONS,
  );
  checkScheduler(scheduler);
  const limit = { timeout: checkTimeout('timeout', timeout), scheduler };
  return (source) =>
    new Observable((subscriber) => {
      const decoding = new Decoding(decoder, limit, subscriber);
      const subscription = new Upstream().subscribe(source, {
        next(chunk) {
          decoding.push(chunk);
        },
        error(error: unknown) {
          subscriber.error(error);
        },
        complete() {
          decoding.end();
        },
      });
      subscriber.add(subscription);
      subscriber.add(() => {
        decoding.forget();
      });
    });
}

/** The bytes of one connection. */
class Framing<Frame> {
  readonly deframer: Deframer<Frame>;
  /** Is called when its connection is no longer read. */
  onReadNoMore: () => void = () => undefined;
  /** Null: a frame may take any time. */
  deadline: FrameDeadline | null = null;
  /** How many of the latest bytes are exactly as the connection emitted them: these can be given back. */
  unchangedLength = 0;

  /** @param origin null for chunks that arrive after their connection has finished emitting them */
  constructor(
    decoder: Decoder<Frame>,
    readonly origin: Origin | null,
  ) {
    this.deframer = new Deframer(decoder, { borrowed: origin?.reading?.lends ?? false });
  }

  push(chunk: Uint8Array, isUnchanged: boolean): void {
    this.deframer.push(chunk);
    this.unchangedLength = isUnchanged ? this.unchangedLength + chunk.length : 0;
  }

  giveBack(): void {
    if (this.deframer.restLength > this.unchangedLength) return;
    this.origin?.reading?.giveBack(this.deframer.takeRest());
  }
}

/** One subscription. */
class Decoding<Frame> {
  readonly #decoder: Decoder<Frame>;
  readonly #limit: Required<DecodeOptions>;
  readonly #subscriber: Subscriber<Frame>;
  readonly #framings = new Map<Origin | null, Framing<Frame>>();

  constructor(
    decoder: Decoder<Frame>,
    limit: Required<DecodeOptions>,
    subscriber: Subscriber<Frame>,
  ) {
    this.#decoder = decoder;
    this.#limit = limit;
    this.#subscriber = subscriber;
  }

  push(chunk: Uint8Array): void {
    const current = currentOrigin();
    try {
      if (types.isUint8Array(chunk) && isDetached(chunk)) throw takenBack();
      const framing = this.#framingOf(current?.life?.closed === false ? current : null);
      framing.push(chunk, chunk === current?.chunk);
      this.#emitFrames(framing, current ?? new Origin(null));
    } catch (error) {
      this.#subscriber.error(error);
    }
  }

  /** The source has completed, and with it all streams. */
  end(): void {
    for (const { deadline } of this.#framings.values()) deadline?.stop();
    const isWhole = [...this.#framings.values()].every((framing) => this.#endOf(framing));
    if (isWhole) this.#subscriber.complete();
  }

  /** The source was unsubscribed from. If a connection is still read, another reader has the bytes already. */
  forget(): void {
    for (const { origin, onReadNoMore, deadline } of this.#framings.values()) {
      deadline?.stop();
      if (!origin?.hasEnded) origin?.life?.remove(onReadNoMore);
    }
  }

  #framingOf(origin: Origin | null): Framing<Frame> {
    const known = this.#framings.get(origin);
    if (known) return known;
    const framing = new Framing(this.#decoder, origin);
    this.#framings.set(origin, framing);
    if (this.#limit.timeout !== Infinity) {
      framing.deadline = new FrameDeadline(this.#limit, origin?.reading ?? null, (error) => {
        this.#subscriber.error(error);
      });
    }
    if (!origin) return framing;
    // Chunks that `startWith` and the like prepend to a connection belong to its first frame.
    const before = this.#framings.get(null);
    if (before) {
      this.#framings.delete(null);
      before.deadline?.stop();
      framing.push(before.deframer.takeRest(), false);
    }
    framing.onReadNoMore = () => {
      framing.deadline?.stop();
      this.#framings.delete(origin);
      if (origin.hasEnded && !this.#subscriber.closed) this.#endOf(framing);
      else framing.giveBack();
    };
    origin.life?.add(framing.onReadNoMore);
    return framing;
  }

  #emitFrames({ deframer, deadline }: Framing<Frame>, origin: Origin): void {
    for (let isAnother = false; !this.#subscriber.closed; isAnother = true) {
      const before = deframer.restLength;
      const frame = deframer.take();
      if (frame === undefined) {
        deadline?.note(deframer.restLength, isAnother);
        return;
      }
      origin.size = before - deframer.restLength;
      origin.emit(this.#subscriber, frame);
    }
  }

  /** @returns whether the last frame was complete; if not, the Observable has failed */
  #endOf(framing: Framing<Frame>): boolean {
    if (framing.origin?.reading?.isStopped) {
      framing.giveBack(); // the peer has not ended, so the rest of the frame may still arrive
      return true;
    }
    framing.deframer.end();
    try {
      this.#emitFrames(framing, framing.origin ?? new Origin(null));
      return true;
    } catch (error) {
      this.#subscriber.error(error);
      return false;
    }
  }
}

function takenBack(): Error {
  const error = new Error(
    'The memory of the chunk was lent (borrow: true), and has been taken back since: ' +
      'decode before an operator that emits later, or do not borrow',
  );
  return Object.assign(error, { code: 'ERR_INVALID_STATE' });
}
