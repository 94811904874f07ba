import {
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
} from 'rxjs';
import type { UdpAddress, UdpSocket } from 'bipoll';
import { type MessageEndpoint, pacedMap } from 'bipoll/reactive';
import { placeText } from './Endpoint';
import type { Peer } from './Peer';

/** Whom we talk to by UDP, each chunk a message. To a socket that is not connected, what we send goes to its last sender. */
export class MessagePeer implements Peer {
  readonly name: string;
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
