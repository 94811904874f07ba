import {
  type checkServerIdentity,
  createSecureContext,
  type ConnectionOptions as NodeClientOptions,
  type SecureContext,
  type SecureContextOptions as NodeContextOptions,
  type TlsOptions as NodeServerOptions,
} from 'node:tls';
import {
  checkBoolean,
  checkFunction,
  checkTimeout,
  type OptionNames,
  optionsOf,
} from '../core/argument';
import type { Connection } from '../reactive/connection/Connection';
import { connectionSettings, type ConnectionSettings } from '../reactive/connection/options';
import { FROM_DUPLEX_OPTIONS, type FromDuplexOptions } from '../streams/fromDuplex';
import { checkClient } from './tlsSockets';
import { CONTEXT_OPTIONS, type ContextOptions } from './contextOptions';

/** Whom to trust and what to agree on, with the names and the meaning of `node:tls`. */
export interface HandshakeOptions {
  /**
   * A client's: whom it means to talk to, by name or address. The server's certificate must be for it, and it is asked for
   * by it (SNI), unless it is an address.
   */
  servername?: string;
  /** A context that was made before, by `tls.createSecureContext`, in place of what goes into one. */
  secureContext?: SecureContext;
  /** Fails the handshake if the peer's certificate cannot be believed; true by default. */
  rejectUnauthorized?: boolean;
  /** A server's: whether the client is asked for a certificate; false by default. */
  requestCert?: boolean;
  /** A client's: says why a certificate, which is believed, is not that of the server. */
  checkServerIdentity?: typeof checkServerIdentity;
  /** The protocols to agree on, the preferred first. */
  ALPNProtocols?: NonNullable<NodeClientOptions['ALPNProtocols']>;
  /** A server's: chooses the protocol. */
  ALPNCallback?: NonNullable<NodeServerOptions['ALPNCallback']>;
  /** A server's: chooses the context by the name that the client asks for. */
  SNICallback?: NonNullable<NodeServerOptions['SNICallback']>;
  /** A client's: the session of an earlier connection, to go on from. Those of one `startTls` do so by themselves. */
  session?: Buffer;
  /** A client's: the smallest size of a Diffie-Hellman parameter, in bits; 1024 by default. */
  minDHSize?: number;
  /** Writes what TLS does to stderr. */
  enableTrace?: boolean;
}

/** @see startTls */
export interface TlsOptions extends ContextOptions, HandshakeOptions, FromDuplexOptions {
  /** Which side we are. By default the server of a connection that a listener accepted, and the client of any other. */
  isServer?: boolean;
  /** Milliseconds for the handshake; 10,000 by default. Then the connection is closed with a `TimeoutError`. */
  handshakeTimeout?: number;
  /**
   * Called when the handshake with an accepted client has failed; the connection is closed. Ignored by default, since
   * anybody may connect.
   */
  onError?: (error: Error, connection: Connection) => void;
}

const HANDSHAKE_OPTIONS: OptionNames<HandshakeOptions> = {
  servername: true,
  secureContext: true,
  rejectUnauthorized: true,
  requestCert: true,
  checkServerIdentity: true,
  ALPNProtocols: true,
  ALPNCallback: true,
  SNICallback: true,
  session: true,
  minDHSize: true,
  enableTrace: true,
};

export const TLS_OPTIONS: OptionNames<TlsOptions> = {
  ...CONTEXT_OPTIONS,
  ...HANDSHAKE_OPTIONS,
  ...FROM_DUPLEX_OPTIONS,
  isServer: true,
  handshakeTimeout: true,
  onError: true,
};

/** Options of `startTls`, checked. */
export interface TlsSettings {
  readonly connection: ConnectionSettings;
  /** Null: whoever was accepted is a client. */
  readonly isServer: boolean | null;
  readonly handshakeTimeout: number;
  readonly onError: (error: Error, connection: Connection) => void;
  readonly secureContext: SecureContext;
  /** As `node:tls` takes them, without those of the context. */
  readonly handshake: HandshakeOptions;
  /** The newest session that a server has given. */
  session: Buffer | null;
}

/** Checks options, and makes the context that all connections share: bad keys and certificates are refused here. */
export function tlsSettings(options: TlsOptions): TlsSettings {
  const own = optionsOf('options', options, TLS_OPTIONS);
  const { isServer, handshakeTimeout = 10_000, onError = () => undefined } = own;
  const { rejectUnauthorized = true, requestCert = false } = own;
  checkFunction('onError', onError);
  checkBoolean('rejectUnauthorized', rejectUnauthorized);
  checkBoolean('requestCert', requestCert);
  if (isServer === false) checkClient(own);
  const handshake = Object.fromEntries(
    Object.entries(own).filter(([name]) => Object.hasOwn(HANDSHAKE_OPTIONS, name)),
  ) as HandshakeOptions;
  return {
    connection: connectionSettings(own),
    isServer: isServer === undefined ? null : checkBoolean('isServer', isServer),
    handshakeTimeout: checkTimeout('handshakeTimeout', handshakeTimeout),
    onError,
    secureContext: own.secureContext ?? contextOf(own),
    handshake: { ...handshake, rejectUnauthorized, requestCert },
    session: null,
  };
}

function contextOf(options: TlsOptions): SecureContext {
  const own = Object.fromEntries(
    Object.entries(options).filter(([name]) => Object.hasOwn(CONTEXT_OPTIONS, name)),
  ) as NodeContextOptions;
  // A server that asks for certificates resumes sessions only within a named context.
  return createSecureContext({ sessionIdContext: 'bipoll', ...own });
}
