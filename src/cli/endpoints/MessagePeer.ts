import {
  catchError,
  debounceTime,
  EMPTY,
  from,
  map,
  NEVER,
  type Observable,
  type ObservableInput,
  startWith,
  Subject,
  takeUntil,
  tap,
  throwError,
} from 'rxjs';
import type { UdpAddress, UdpSocket } from 'bipoll';
import { type MessageEndpoint, pacedMap } from 'bipoll/reactive';
import { placeText } from './Endpoint';
import { errorAt } from '../exitCodes';
import type { Peer } from './Peer';

/** What one datagram takes: over IPv4 at most this, and the BSDs and macOS are set to less. */
const MAX_DATAGRAM_BYTES = ['linux', 'win32'].includes(process.platform) ? 65_507 : 9216;

/** Whom we talk to by UDP, each chunk a message. To a socket that is not connected, what we send goes to its last sender. */
export class MessagePeer implements Peer {
  readonly name: string;
  readonly maxChunkBytes = MAX_DATAGRAM_BYTES;
  readonly data$: Observable<Buffer>;
  readonly #endpoint: MessageEndpoint<UdpSocket>;
  readonly #isConnected: boolean;
  readonly #activity$ = new Subject<void>();
  #lastSender: UdpAddress | null = null;

  /** @param idleTimeout milliseconds without a message in either direction, after which it counts as ended */
  constructor(endpoint: MessageEndpoint<UdpSocket>, idleTimeout: number | undefined) {
    const { remoteAddress, remotePort, localAddress, localPort } = endpoint.socket;
    this.#endpoint = endpoint;
    this.#isConnected = remoteAddress !== undefined;
    this.name = placeText(remoteAddress ?? localAddress ?? '', remotePort ?? localPort ?? 0);
    const idle$ =
      idleTimeout === undefined
        ? NEVER
        : this.#activity$.pipe(startWith(undefined), debounceTime(idleTimeout));
    this.data$ = endpoint.messages$.pipe(
      catchError((error: unknown) => throwError(() => errorAt(this.name, error))),
      tap(({ from: sender }) => {
        this.#lastSender = sender;
        this.#activity$.next();
      }),
      map(({ bytes }) => bytes),
      takeUntil(idle$),
    );
  }

  send(source: ObservableInput<Uint8Array | string>): Observable<unknown> {
    return from(source).pipe(
      pacedMap((bytes) => {
        this.#activity$.next();
        if (this.#isConnected) return this.#endpoint.send(bytes);
        return this.#lastSender === null ? EMPTY : this.#endpoint.send(bytes, this.#lastSender);
      }),
    );
  }

  /** Messages have no end. */
  end(): void {
    return;
  }

  leave(): void {
    this.close();
  }

  close(): void {
    this.#endpoint.close();
  }

  reset(): void {
    this.close();
  }
}
