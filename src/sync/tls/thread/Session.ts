import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import {
  certificateOf,
  clientSocket,
  contextOf,
  nameOf,
  noteEnd,
  serverSocket,
  verdictOf,
} from '../../../handshake/tlsSockets';
import type { Loss, Report, SecuredFacts, SessionRequest } from '../letters';
import { Ciphertext } from './Ciphertext';
import { lossOf, lossOfOptions } from './lossOf';

/** Milliseconds for which a peer that was told our end may leave its own open. */
const LINGER = 5000;

/** The byte on the pair that says that the handshake is done. */
const SECURED = Buffer.of(0);

/**
 * - `shaking`: nothing is agreed on yet
 * - `open`: bytes go both ways
 * - `peerEnded`: the peer has ended in order; ours still go
 * - `over`: nothing goes any more
 */
type Phase = 'shaking' | 'open' | 'peerEnded' | 'over';

/** One secured connection: TLS over the encrypted stream, piped both ways to the pair that the caller has the other end of. */
export class Session {
  readonly #request: SessionRequest;
  readonly #raw: Socket;
  readonly #ciphertext: Ciphertext;
  readonly #plaintext: Socket;
  readonly #socket: TLSSocket;
  #phase: Phase = 'shaking';
  #hasCloseNotify = false;
  /** Why the encrypted bytes stopped, until TLS has given all that came before. */
  #loss: Loss | null = null;

  /** @param onSent is called when nothing is left to be sent */
  static start(request: SessionRequest, onSent: () => void): void {
    const raw = new Socket({ fd: request.ciphertext, allowHalfOpen: true });
    const plaintext = new Socket({ fd: request.plaintext, allowHalfOpen: true });
    let isSent = false;
    const sent = () => {
      if (!isSent) onSent();
      isSent = true;
    };
    raw.once('finish', sent).once('close', sent);
    try {
      new Session(request, raw, plaintext);
    } catch (error) {
      // Such as keys and certificates that do not belong together.
      tell(request, { ended: lossOfOptions(error as Error) });
      raw.destroy();
      plaintext.destroy();
      request.port.once('message', (fd: number) => new Socket({ fd }).destroy());
    }
  }

  private constructor(request: SessionRequest, raw: Socket, plaintext: Socket) {
    this.#request = request;
    this.#raw = raw;
    this.#plaintext = plaintext;
    this.#ciphertext = new Ciphertext(raw, request.head);
    // Must listen before TLS does: at this moment TLS has decrypted everything that arrived, but does not know of the
    // end yet.
    this.#ciphertext.on('end', () => {
      this.#onCiphertextEnd();
    });
    this.#socket = this.#makeSocket();
    this.#listen();
  }

  #makeSocket(): TLSSocket {
    const { isServer, handshake, context } = this.#request;
    const settings = { handshake, secureContext: contextOf(context), session: null };
    return (isServer ? serverSocket : clientSocket)(this.#ciphertext, settings);
  }

  #listen(): void {
    const { isServer, port } = this.#request;
    const socket = this.#socket;
    noteEnd(socket, () => (this.#hasCloseNotify = true));
    socket
      .once(isServer ? 'secure' : 'secureConnect', () => {
        this.#onSecure();
      })
      .on('session', (session: Buffer) => {
        tell(this.#request, { session });
      })
      .on('_tlsError', (error: Error) => {
        // A server's socket that was not made by `tls.Server` reports errors by this event only.
        this.#fail(lossOf(error));
      })
      .on('error', (error: Error) => {
        this.#fail(lossOf(this.#ciphertext.failure ?? error));
      })
      .on('end', () => {
        this.#onEnd();
      })
      .on('close', () => {
        if (this.#phase !== 'peerEnded') this.#fail(this.#loss ?? { kind: 'leftEarly' });
      });
    this.#plaintext.on('error', () => {
      this.#leave(); // the caller has closed its end, perhaps with bytes unread
      socket.end();
    });
    port.on('message', (end: number) => {
      this.#release(end);
      this.#leave();
    });
  }

  #onSecure(): void {
    if (this.#phase !== 'shaking') return;
    const { isServer, handshake } = this.#request;
    const { authorized, authorizationError } = verdictOf(this.#socket, isServer, handshake);
    if (authorizationError && handshake.rejectUnauthorized) {
      this.#fail(lossOf(authorizationError));
      return;
    }
    this.#phase = 'open';
    tell(this.#request, { secured: this.#facts(authorized, authorizationError) });
    this.#socket.allowHalfOpen = true; // whether our side stays open is the caller's choice
    this.#plaintext.write(SECURED);
    this.#socket.pipe(this.#plaintext, { end: false });
    this.#plaintext.pipe(this.#socket);
  }

  #facts(authorized: boolean, authorizationError: Error | null): SecuredFacts {
    const socket = this.#socket;
    return {
      protocol: socket.getProtocol() ?? 'unknown',
      cipher: socket.getCipher(),
      alpnProtocol: socket.alpnProtocol || null,
      servername: nameOf(socket),
      authorized,
      authorizationError: authorizationError && lossOf(authorizationError),
      peerCertificate: certificateOf(socket),
      isSessionReused: socket.isSessionReused(),
    };
  }

  // ---- The peer's side ----

  #onCiphertextEnd(): void {
    const { failure } = this.#ciphertext;
    const loss = failure && lossOf(failure);
    if (this.#phase === 'shaking') this.#fail(loss ?? { kind: 'leftEarly' });
    else if (loss !== null || !this.#hasCloseNotify) this.#loss = loss ?? { kind: 'truncated' };
  }

  /** TLS has given all bytes that came. */
  #onEnd(): void {
    if (this.#loss) {
      this.#fail(this.#loss);
    } else if (this.#phase === 'open') {
      this.#phase = 'peerEnded';
      tell(this.#request, { ended: null });
      this.#plaintext.end();
    }
  }

  /** Nothing goes any more, but the caller can still read what came before. */
  #fail(loss: Loss): void {
    if (this.#phase === 'over') return;
    const wasOpen = this.#phase === 'open';
    this.#phase = 'over';
    tell(this.#request, { ended: loss });
    const [socket, plaintext] = [this.#socket, this.#plaintext];
    if (wasOpen) {
      socket.unpipe(plaintext);
      for (let chunk; (chunk = socket.read() as Buffer | null) !== null;) plaintext.write(chunk);
    }
    plaintext.end(() => plaintext.destroy());
    this.#raw.destroy();
  }

  // ---- The caller's ----

  /** Takes what the caller wrote, throws away what it did not read, and closes both ends of the pair. */
  #release(end: number): void {
    const theirs = new Socket({ fd: end, allowHalfOpen: true });
    const plaintext = this.#plaintext;
    this.#socket.unpipe(plaintext);
    const close = () => {
      theirs.destroy();
      plaintext.destroy();
    };
    theirs.on('error', close).resume().end();
    if (plaintext.readableEnded || plaintext.destroyed) close();
    else plaintext.once('end', close).once('close', close).resume();
  }

  /** The caller has closed: what it wrote is still sent, and the peer told; nobody reads what comes. */
  #leave(): void {
    if (this.#phase === 'shaking') {
      this.#fail({ kind: 'leftEarly' });
    } else if (this.#phase !== 'over') {
      this.#phase = 'over';
      const [socket, raw] = [this.#socket, this.#raw];
      socket.unpipe(this.#plaintext);
      socket.resume();
      const linger = () => {
        const deadline = setTimeout(() => raw.destroy(), LINGER);
        raw.once('close', () => {
          clearTimeout(deadline);
        });
      };
      if (raw.writableFinished) linger();
      else raw.once('finish', linger);
    }
  }
}

function tell({ port }: SessionRequest, report: Report): void {
  port.postMessage(report);
}
