import type { CipherNameAndProtocol, PeerCertificate } from 'node:tls';
import type { MessagePort } from 'node:worker_threads';
import type { ContextOptions } from '../../handshake/contextOptions';
import type { PlainHandshakeOptions } from '../../handshake/handshakeOptions';

/** Asks the TLS thread for a session. */
export interface SessionRequest {
  /** The descriptor that carries the encrypted bytes, which is the thread's from now on. */
  readonly ciphertext: number;
  /** The thread's end of the pair that carries the plain bytes. */
  readonly plaintext: number;
  /** Encrypted bytes that were read already. */
  readonly head: Uint8Array;
  readonly isServer: boolean;
  readonly context: ContextOptions;
  readonly handshake: PlainHandshakeOptions;
  /** Takes the reports, and tells the thread that the other end of the pair is closed. */
  readonly port: MessagePort;
}

/** What a handshake has agreed on and found. */
export interface SecuredFacts {
  readonly protocol: string;
  readonly cipher: CipherNameAndProtocol;
  readonly alpnProtocol: string | null;
  readonly servername: string | undefined;
  readonly authorized: boolean;
  readonly authorizationError: Loss | null;
  readonly peerCertificate: PeerCertificate | null;
  readonly isSessionReused: boolean;
}

/** An error on its way to another thread. An Error that is posted loses its code. */
export type Loss =
  /** The end came without a close_notify. */
  | { readonly kind: 'truncated' }
  /** The peer left before the handshake was done. */
  | { readonly kind: 'leftEarly' }
  /** A system call on the encrypted stream failed. */
  | { readonly kind: 'system'; readonly code: string; readonly syscall: string }
  /** TLS refuses to go on. */
  | {
      readonly kind: 'tls';
      readonly message: string;
      /** Such as `code`, `reason` and `library`. */
      readonly details: Readonly<Record<string, unknown>>;
    };

/**
 * What the thread reports of a session. A byte on the pair follows `secured`, and its end follows `ended`: whoever sees
 * them finds the report.
 */
export type Report =
  | { readonly secured: SecuredFacts }
  /** A server has given a session, before the bytes that it sent behind it. */
  | { readonly session: Uint8Array }
  /** The peer's side is over: null in order. A loss can still follow, if later bytes cannot be sent. */
  | { readonly ended: Loss | null };
