import type { CipherNameAndProtocol, PeerCertificate } from 'node:tls';
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { errorOfCode, type Where } from '../../core/errors';
import { addressText } from '../../core/inspection';
import { native, type Token } from '../../core/native';
import { StreamSocket } from '../../core/StreamSocket';
import { errorOfLoss } from './errorOfLoss';
import type { Report, SecuredFacts } from './letters';
import type { TlsThread } from './TlsThread';

/**
 * A stream of plain text over TLS, for all verbs and in all ways in which any other stream is used. A thread of its own
 * encrypts and decrypts. If the peer ends without having said so by TLS (a close_notify), reading throws a
 * `TlsTruncatedError` behind all that came, and any other failure of the connection likewise.
 */
export class TlsStream extends StreamSocket {
  /** The numeric address of the peer; undefined over a local socket. */
  readonly remoteAddress: string | undefined;
  /** The port of the peer; undefined over a local socket. */
  readonly remotePort: number | undefined;
  /** @internal */
  readonly where: Where;
  readonly #thread: TlsThread;
  readonly #port: MessagePort;
  #facts: SecuredFacts | null = null;
  #session: Buffer | null = null;
  /** How the peer's side has ended: null in order; undefined while the thread has not reported it. */
  #end: Error | null | undefined = undefined;
  /** Why nothing can be sent any more. */
  #failure: Error | null = null;

  /** @internal */
  constructor(token: Token, port: MessagePort, thread: TlsThread, peer: Where) {
    super(token, 'TLS stream');
    this.#port = port;
    this.#thread = thread;
    this.where = peer;
    this.remoteAddress = peer.path === undefined ? peer.address : undefined;
    this.remotePort = peer.port;
  }

  /** The version of TLS, such as `TLSv1.3`. */
  get protocol(): string {
    return this.#secured.protocol;
  }

  /** The cipher suite that was agreed on: its name by OpenSSL and by the standard, and its version of TLS. */
  get cipher(): CipherNameAndProtocol {
    return this.#secured.cipher;
  }

  /** The protocol that both ends have agreed on (ALPN), such as `h2`; null if none. */
  get alpnProtocol(): string | null {
    return this.#secured.alpnProtocol;
  }

  /** The name that the client has asked for (SNI); undefined if it has asked for none. */
  get servername(): string | undefined {
    return this.#secured.servername;
  }

  /**
   * Whether the peer has shown a certificate that was checked and found good. False of a client that was not asked for one,
   * and where `rejectUnauthorized` is false and the check failed: `authorizationError` says why.
   */
  get authorized(): boolean {
    return this.#secured.authorized;
  }

  /** Why the peer's certificate was not believed, with a code such as `SELF_SIGNED_CERT_IN_CHAIN`; null if it was. */
  get authorizationError(): Error | null {
    const { authorizationError } = this.#secured;
    return authorizationError && errorOfLoss(authorizationError, this.where);
  }

  /** The certificate of the peer, also once closed; null if it has shown none. */
  get peerCertificate(): PeerCertificate | null {
    return this.#secured.peerCertificate;
  }

  /** Whether the handshake went on from an earlier session. */
  get isSessionReused(): boolean {
    return this.#secured.isSessionReused;
  }

  /**
   * To resume, in the `session` option of a later client of the same server: the newest that it has given, also once
   * closed; null while it has given none. By TLSv1.3 it comes after the handshake, so read something first.
   */
  get session(): Buffer | null {
    this.checkReceiver();
    this.takeReports();
    return this.#session;
  }

  get #secured(): SecuredFacts {
    this.checkReceiver();
    return this.#facts!; // nobody has the stream before the handshake is done
  }

  /** The thread closes our end once it has taken what was written: bytes that nobody read would reset the pair. @internal */
  protected override endInEngine(token: Token): void {
    this.takeReports(); // such as a session, which is for later
    this.#thread.forget(token);
    if (this.#thread.isOver) native.close(token);
    else this.#port.postMessage(native.detach(token));
    this.#port.close();
  }

  /**
   * Cannot be done: its descriptor carries plain text to the thread that encrypts it, not to the peer.
   *
   * @throws SocketError `ENOTSUP`
   */
  override detach(): never {
    this.checkOpen();
    throw errorOfCode('ENOTSUP', 'detach');
  }

  /** Gives the descriptor to the TLS thread itself, for TLS inside of this TLS. @internal */
  giveToThread(): number {
    const { token } = this;
    const fd = super.detach();
    this.#thread.forget(token);
    return fd;
  }

  /** Takes what the thread has reported. @internal */
  takeReports(): void {
    for (let taken; (taken = receiveMessageOnPort(this.#port));) {
      const report = taken.message as Report;
      if ('secured' in report) {
        this.#facts = withBuffers(report.secured);
      } else if ('session' in report) {
        this.#session = Buffer.from(report.session);
      } else {
        const error = report.ended && errorOfLoss(report.ended, this.where);
        if (this.#end === undefined) this.#end = error;
        this.#failure ??= error;
      }
    }
  }

  /** @internal */
  override get endError(): Error | null {
    this.takeReports();
    if (this.#end !== undefined) return this.#end;
    return errorOfCode('ECONNRESET', 'read', this.where); // the thread itself has died
  }

  /** @internal */
  override causeOf(error: Error): Error {
    this.takeReports();
    return this.#failure ?? error;
  }

  /** @internal */
  protected override description(): Readonly<Record<string, unknown>> {
    const { address: host, port } = this.where;
    return {
      state: this.state,
      remote: host !== undefined && port !== undefined ? addressText({ host, port }) : undefined,
      path: this.where.path,
      protocol: this.#facts?.protocol,
      authorized: this.#facts?.authorized,
      unreadBytes: this.unreadBytes,
    };
  }
}

/** From another thread buffers arrive as arrays of bytes. */
function withBuffers(facts: SecuredFacts): SecuredFacts {
  const { peerCertificate } = facts;
  if (!peerCertificate) return facts;
  const entries = Object.entries(peerCertificate).map(([name, value]: [string, unknown]) => [
    name,
    ArrayBuffer.isView(value)
      ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      : value,
  ]);
  return { ...facts, peerCertificate: Object.fromEntries(entries) as PeerCertificate };
}
