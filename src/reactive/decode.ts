import { Observable, type OperatorFunction } from 'rxjs';
import { type Decoder, Deframer } from '../framing';
import { DataObservable, derivedFrom, readingBehind } from './connection/Reading';

/**
 * Cuts the chunks of a stream into frames. Directly on a connection's `data$` it loses nothing when it is
 * unsubscribed from early: the bytes behind the last frame go back to the connection, for whoever reads next.
 *
 * An error of the Observable: `FramingError` for bytes that are no frame, or a frame over the decoder's limit.
 *
 * @example
 * connection.data$.pipe(decode(lines({ maxBytes: 1024 }))).subscribe((line) => console.log(line));
 */
export function decode<Frame>(decoder: Decoder<Frame>): OperatorFunction<Uint8Array, Frame> {
  new Deframer(decoder); // refuses what is none, now and not at the first chunk
  return (source) => {
    const borrowed = readingBehind(source)?.lends ?? false;
    const giveBackTo = source instanceof DataObservable ? source.reading : undefined;
    const decoded = new Observable<Frame>((subscriber) => {
      const deframer = new Deframer(decoder, { borrowed });
      const emitFrames = (): void => {
        for (let frame; !subscriber.closed && (frame = deframer.take()) !== undefined;) {
          subscriber.next(frame);
        }
      };
      const emitOrFail = (): boolean => {
        try {
          emitFrames();
          return true;
        } catch (error) {
          subscriber.error(error);
          return false;
        }
      };
      subscriber.add(
        source.subscribe({
          next(chunk) {
            deframer.push(chunk);
            emitOrFail();
          },
          error(error: unknown) {
            subscriber.error(error);
          },
          complete() {
            deframer.end();
            if (emitOrFail()) subscriber.complete();
          },
        }),
      );
      return () => {
        if (deframer.restLength > 0) giveBackTo?.giveBack(deframer.takeRest());
      };
    });
    return derivedFrom(source, decoded);
  };
}
