import type { TLSSocket } from 'node:tls';
import { Observable, type Subscriber, Subscription } from 'rxjs';
import { SocketClosedError, type Where } from '../../core/errors';
import { handshakeTimedOut, leftEarly, truncated } from '../../handshake/tlsErrors';
import {
  clientSocket,
  noteEnd,
  serverSocket,
  type Verdict,
  verdictOf,
} from '../../handshake/tlsSockets';
import type { Connection } from '../connection/Connection';
import { peerOf } from '../connection/Ends';
import { readingOf } from '../connection/Reading';
import { Context } from '../loop/Context';
import { after } from '../timer';
import { Ciphertext } from './Ciphertext';
import type { TlsSettings } from './options';
import { SecuredConnection } from './SecuredConnection';
import { TlsTransport } from './TlsTransport';

/**
 * Shakes hands over a connection, and emits the secured one, which from then on owns the connection below. If the handshake
 * fails, or is unsubscribed from before it is done, the connection below is closed.
 */
export function handshake(
  below: Connection,
  settings: TlsSettings,
  isServer: boolean,
): Observable<SecuredConnection> {
  return new Observable((subscriber) => {
    const { reason } = readingOf('connection', below);
    if (reason !== undefined) {
      subscriber.error(reason ?? new SocketClosedError('The connection is closed'));
      return undefined;
    }
    const shaking = new Handshake(below, settings, isServer, subscriber);
    shaking.begin();
    return () => {
      shaking.giveUp();
    };
  });
}

/**
 * - `shaking`: nothing is agreed on yet
 * - `secured`: it is done, and the secured connection has the socket
 * - `over`: it has failed, or was given up
 */
type Phase = 'shaking' | 'secured' | 'over';

class Handshake {
  readonly #below: Connection;
  readonly #settings: TlsSettings;
  readonly #isServer: boolean;
  readonly #subscriber: Subscriber<SecuredConnection>;
  readonly #peer: Where;
  readonly #context = new Context();
  readonly #ciphertext: Ciphertext;
  readonly #deadline = new Subscription();
  #socket!: TLSSocket;
  #phase: Phase = 'shaking';
  /** Whether the peer has ended by TLS. */
  #hasCloseNotify = false;
  #secured: SecuredConnection | null = null;
  /** The newest session from the server, which may arrive before the connection is secured. */
  #session: Buffer | null = null;

  constructor(
    below: Connection,
    settings: TlsSettings,
    isServer: boolean,
    subscriber: Subscriber<SecuredConnection>,
  ) {
    this.#below = below;
    this.#settings = settings;
    this.#isServer = isServer;
    this.#subscriber = subscriber;
    this.#peer = peerOf(below);
    this.#ciphertext = new Ciphertext(below);
  }

  begin(): void {
    // Must listen before TLS does: at this moment TLS has decrypted everything that arrived, but does not know of the
    // end yet.
    this.#ciphertext.on('end', () => {
      this.#onCiphertextEnd();
    });
    const begin = this.#isServer ? serverSocket : clientSocket;
    try {
      this.#socket = begin(this.#ciphertext, this.#settings);
    } catch (error) {
      this.#fail(error as Error); // of an option that only Node's TLS can judge
      return;
    }
    this.#listen(this.#socket);
    const { handshakeTimeout, connection } = this.#settings;
    this.#deadline.add(
      after(connection.scheduler, handshakeTimeout, () => {
        this.#fail(handshakeTimedOut(this.#peer, handshakeTimeout));
      }),
    );
  }

  #listen(socket: TLSSocket): void {
    noteEnd(socket, () => (this.#hasCloseNotify = true));
    socket
      .once(this.#isServer ? 'secure' : 'secureConnect', () => {
        this.#onSecure();
      })
      .on('session', (session: Buffer) => {
        this.#settings.session = this.#session = session;
        if (this.#secured) this.#secured.session = session;
      })
      .on('_tlsError', (error: Error) => {
        // A server's socket that was not made by `tls.Server` reports errors by this event only.
        if (this.#phase === 'shaking') this.#refuse(error);
        else if (this.#isServer) socket.destroy(error);
      })
      .on('error', (error: Error) => {
        this.#fail(error);
      })
      .on('close', () => {
        this.#fail(leftEarly(this.#peer));
      });
  }

  #onCiphertextEnd(): void {
    const { failure } = this.#ciphertext;
    if (this.#phase === 'shaking') this.#fail(failure ?? leftEarly(this.#peer));
    else if (failure) this.#socket.destroy(failure);
    else if (!this.#hasCloseNotify) this.#socket.destroy(truncated(this.#peer));
  }

  #onSecure(): void {
    if (this.#phase !== 'shaking') return;
    const verdict = verdictOf(this.#socket, this.#isServer, this.#settings.handshake);
    if (verdict.authorizationError !== null && this.#settings.handshake.rejectUnauthorized) {
      this.#fail(verdict.authorizationError);
      return;
    }
    this.#phase = 'secured';
    this.#deadline.unsubscribe();
    this.#secured = this.#secure(verdict);
    this.#secured.session = this.#session;
    this.#subscriber.next(this.#secured);
    this.#subscriber.complete();
  }

  #secure(verdict: Verdict): SecuredConnection {
    const { connection } = this.#settings;
    const transport = new TlsTransport(
      this.#socket,
      this.#below,
      this.#ciphertext,
      connection,
      this.#context,
    );
    return new SecuredConnection(transport, this.#socket, verdict, connection, this.#context);
  }

  #fail(error: Error): void {
    if (!this.#leave()) return;
    this.#below.close(error);
    this.#subscriber.error(error);
  }

  /** TLS has written an alert, which says to the peer why. */
  #refuse(error: Error): void {
    if (!this.#leave()) return;
    this.#ciphertext.takeLeave();
    this.#subscriber.error(error);
  }

  giveUp(): void {
    if (this.#leave()) this.#below.close();
  }

  /** @returns whether hands were still being shaken */
  #leave(): boolean {
    if (this.#phase !== 'shaking') return false;
    this.#phase = 'over';
    this.#deadline.unsubscribe();
    return true;
  }
}
