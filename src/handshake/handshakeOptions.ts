import type {
  checkServerIdentity,
  ConnectionOptions as NodeClientOptions,
  SecureContext,
  TlsOptions as NodeServerOptions,
} from 'node:tls';
import type { OptionNames } from '../core/argument';

/** Whom to trust and what to agree on, as text, numbers and bytes, with the names and the meaning of `node:tls`. */
export interface PlainHandshakeOptions {
  /**
   * A client's: whom it means to talk to, by name or address. The server's certificate must be for it, and it is asked for
   * by it (SNI), unless it is an address.
   */
  servername?: string;
  /** Fails the handshake if the peer's certificate cannot be believed; true by default. */
  rejectUnauthorized?: boolean;
  /** A server's: whether the client is asked for a certificate; false by default. */
  requestCert?: boolean;
  /** The protocols to agree on, the preferred first. */
  ALPNProtocols?: NonNullable<NodeClientOptions['ALPNProtocols']>;
  /** A client's: the smallest size of a Diffie-Hellman parameter, in bits; 1024 by default. */
  minDHSize?: number;
  /**
   * A client's: the session of an earlier connection to this server, to resume, which saves a part of the handshake. A
   * server that does not know it makes a new one. Observables resume by themselves: the connections of one `connect`, and
   * those of one `startTls`.
   */
  session?: Buffer;
}

/** Whom to trust and what to agree on, with the names and the meaning of `node:tls`. */
export interface HandshakeOptions extends PlainHandshakeOptions {
  /** A context that was made before, by `tls.createSecureContext`, in place of what goes into one. */
  secureContext?: SecureContext;
  /** A client's: says why a certificate, which is believed, is not that of the server. */
  checkServerIdentity?: typeof checkServerIdentity;
  /** A server's: chooses the protocol. */
  ALPNCallback?: NonNullable<NodeServerOptions['ALPNCallback']>;
  /** A server's: chooses the context by the name that the client asks for. */
  SNICallback?: NonNullable<NodeServerOptions['SNICallback']>;
  /** Writes what TLS does to stderr. */
  enableTrace?: boolean;
}

/** Those that mean something to a client. */
export type ClientHandshakeOptions = Omit<
  HandshakeOptions,
  'requestCert' | 'ALPNCallback' | 'SNICallback'
>;

/** Those that mean something to a server. */
export type ServerHandshakeOptions = Omit<
  HandshakeOptions,
  'servername' | 'minDHSize' | 'session' | 'checkServerIdentity'
>;

export const PLAIN_HANDSHAKE_OPTIONS: OptionNames<PlainHandshakeOptions> = {
  servername: true,
  rejectUnauthorized: true,
  requestCert: true,
  ALPNProtocols: true,
  minDHSize: true,
  session: true,
};

const HANDSHAKE_OPTIONS_OF_BOTH = {
  rejectUnauthorized: true,
  ALPNProtocols: true,
  secureContext: true,
  enableTrace: true,
} as const;

export const CLIENT_HANDSHAKE_OPTIONS: OptionNames<ClientHandshakeOptions> = {
  ...HANDSHAKE_OPTIONS_OF_BOTH,
  servername: true,
  minDHSize: true,
  session: true,
  checkServerIdentity: true,
};

export const SERVER_HANDSHAKE_OPTIONS: OptionNames<ServerHandshakeOptions> = {
  ...HANDSHAKE_OPTIONS_OF_BOTH,
  requestCert: true,
  ALPNCallback: true,
  SNICallback: true,
};

export const HANDSHAKE_OPTIONS: OptionNames<HandshakeOptions> = {
  ...CLIENT_HANDSHAKE_OPTIONS,
  ...SERVER_HANDSHAKE_OPTIONS,
};
