import type { Observable, ObservableInput } from 'rxjs';
import type { Connection } from 'bipoll/reactive';
import { placeText } from './Endpoint';

/** Whom we talk to, over a stream of bytes or by messages. */
export interface Peer {
  /** Who it is, for people. */
  readonly name: string;
  /** What comes; completes at the end of the peer's side. */
  readonly data$: Observable<Buffer>;
  /** The most bytes that can be sent in one chunk: `Infinity` over a stream. */
  readonly maxChunkBytes: number;
  /** Sends what a source emits, which is held back while the peer is slow; completes when the system has it all. */
  send(source: ObservableInput<Uint8Array | string>): Observable<unknown>;
  /** Ends our side; the peer may go on. Messages have no such end. */
  end(): void;
  /** Ends in order: there is nothing left to say, nor to hear. */
  leave(): void;
  /** Closes at once. */
  close(): void;
  /** Closes so that the peer learns that the stream is not complete, where its kind of connection can say so. */
  reset(): void;
}

/** @param name for a connection without a remote address */
export function peerOfConnection(connection: Connection, name: string): Peer {
  const { remoteAddress: address, remotePort: port, data$ } = connection;
  return {
    name: address === undefined || port === undefined ? name : placeText(address, port),
    data$,
    maxChunkBytes: Infinity,
    send: (source) => connection.send(source),
    end() {
      connection.end();
    },
    leave() {
      connection.end(); // with which it is closed, as nobody is subscribed any more
    },
    close() {
      connection.close();
    },
    reset() {
      connection.reset();
    },
  };
}
