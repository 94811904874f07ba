import type { InspectOptionsStylized } from 'node:util';
import type { Observable } from 'rxjs';
import { checkBytes } from '../../core/argument';
import { SocketBusyError } from '../../core/errors';
import { INSPECT, shown } from '../../core/inspection';
import type { Message } from '../../core/messages';
import type { MessageSocket } from '../../core/messageSockets';
import { Claim } from '../../core/Socket';
import { Context } from '../loop/Context';
import { MessageReader } from './MessageReader';
import { MessageSender } from './MessageSender';
import type { MessageTransport } from './MessageTransport';

/** The address type of a socket: what its messages are from. */
export type AddressOf<S extends MessageSocket> =
  NonNullable<ReturnType<S['receive']>> extends Message<infer Address> ? Address : never;

/**
 * A socket that carries messages, as Observables.
 *
 * @example
 * bind({ port: 7 }).subscribe(({ messages$, send }) => {
 *   messages$.pipe(pacedMap(({ bytes, from }) => send(bytes, from))).subscribe();
 * });
 */
export class MessageEndpoint<S extends MessageSocket = MessageSocket> {
  /**
   * What comes, a value for each message. While nobody is subscribed nothing is received, nor while `pacedMap` holds it
   * back: then messages wait in the system, and those that it has no room for are dropped, of which `dropped` of the next
   * one tells where the system does, or their senders wait. For one subscriber at a time. Completes when the socket is
   * closed, and of packets when the peer sends no more; fails with what `receive` throws, after which one can subscribe
   * again.
   */
  readonly messages$: Observable<Message<AddressOf<S>>>;

  readonly #transport: MessageTransport;
  readonly #socket: S | null;
  readonly #reader: MessageReader<AddressOf<S>>;
  readonly #sender: MessageSender;

  /** @internal */
  constructor(transport: MessageTransport, socket: S | null) {
    if (socket?.companion) throw new SocketBusyError('The socket has an endpoint already');
    const context = new Context();
    this.#transport = transport;
    this.#socket = socket;
    this.#sender = new MessageSender(transport, context);
    this.#reader = new MessageReader(transport, context, this.#sender);
    this.messages$ = this.#reader.messages$;
    if (socket) socket.companion = this;
  }

  /** The core socket, for the blocking verbs while no Observable of it is subscribed. */
  get socket(): S {
    if (this.#socket) return this.#socket;
    throw new Error('A virtual endpoint has no socket: the blocking verbs need a real one');
  }

  /**
   * Sends a message on subscription, after those that are queued already. Answers to messages that came together go to the
   * system in one call, behind the last of them, or as soon as `pacedMap` waits for one.
   *
   * An error of the Observable: `EMSGSIZE`, `ECONNREFUSED` and the like, of this message alone; `SocketClosedError`.
   *
   * @param bytes bytes, or text, which is sent as UTF-8
   * @param to the receiver; must not be given if the socket is connected
   * @returns completes when the system has taken the message
   * @throws TypeError `ERR_INVALID_ARG_TYPE`
   */
  readonly send = (
    bytes: Uint8Array | string,
    to?: NonNullable<AddressOf<S>>,
  ): Observable<never> => {
    const buffer = checkBytes('bytes', typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    return this.#sender.send(buffer, to);
  };

  /** Lets the socket be closed when `messages$` is over and what was sent by then is sent. @internal */
  closeAtEnd(): void {
    this.#reader.onOver = this.#closeWhenSent;
  }

  /** Closes the socket unless it is read, and then once it is not any more. @internal */
  abandon(): void {
    if (this.#reader.hasReader) this.#reader.onLeft = this.#closeWhenSent;
    else this.close();
  }

  readonly #closeWhenSent = (): void => {
    this.#sender.whenSent(() => {
      this.close();
    });
  };

  /** Closes the socket; messages that wait to be sent are lost. */
  close(): void {
    this.#transport.close();
  }

  /** As `close()`, for `using endpoint = ...`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  claims(claim: Claim): boolean {
    return claim === Claim.Reading ? this.#reader.hasReader : this.#sender.isSending;
  }

  /** @internal */
  onSocketClosing(): void {
    // Queued messages cannot be sent faster than the system takes them.
  }

  /** @internal */
  onSocketClosed(): void {
    this.#sender.onClosed();
    this.#reader.onClosed();
  }

  /** @internal */
  onReferenceChanged(): void {
    this.#reader.onReferenceChanged();
  }

  /** @internal */
  [INSPECT](depth: number, options: InspectOptionsStylized): string {
    return shown('MessageEndpoint', { socket: this.#socket }, depth, options);
  }
}
