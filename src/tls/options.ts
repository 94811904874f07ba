import type { SecureContextOptions as NodeContextOptions } from 'node:tls';
import {
  checkBoolean,
  checkFunction,
  checkTimeout,
  type OptionNames,
  optionsOf,
} from '../core/argument';
import { CONTEXT_OPTIONS, type ContextOptions } from '../handshake/contextOptions';
import {
  checkClient,
  checkProtocols,
  checkSession,
  HANDSHAKE_OPTIONS,
  type HandshakeOptions,
} from '../handshake/handshakeOptions';
import { contextOf, type HandshakeSettings } from '../handshake/tlsSockets';
import type { Connection } from '../reactive/connection/Connection';
import { connectionSettings, type ConnectionSettings } from '../reactive/connection/options';
import { FROM_DUPLEX_OPTIONS, type FromDuplexOptions } from '../streams/fromDuplex';

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

export const TLS_OPTIONS: OptionNames<TlsOptions> = {
  ...CONTEXT_OPTIONS,
  ...HANDSHAKE_OPTIONS,
  ...FROM_DUPLEX_OPTIONS,
  isServer: true,
  handshakeTimeout: true,
  onError: true,
};

/** Options of `startTls`, checked. */
export interface TlsSettings extends HandshakeSettings {
  readonly connection: ConnectionSettings;
  /** Null: whoever was accepted is a client. */
  readonly isServer: boolean | null;
  readonly handshakeTimeout: number;
  readonly onError: (error: Error, connection: Connection) => void;
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
  checkProtocols(own);
  checkSession(own);
  const handshake = Object.fromEntries(
    Object.entries(own).filter(([name]) => Object.hasOwn(HANDSHAKE_OPTIONS, name)),
  ) as HandshakeOptions;
  return {
    connection: connectionSettings(own),
    isServer: isServer === undefined ? null : checkBoolean('isServer', isServer),
    handshakeTimeout: checkTimeout('handshakeTimeout', handshakeTimeout),
    onError,
    secureContext: own.secureContext ?? contextOf(contextOptionsOf(own)),
    handshake: { ...handshake, rejectUnauthorized, requestCert },
    session: null,
  };
}

/** Those that go into a context. */
function contextOptionsOf(options: TlsOptions): NodeContextOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([name]) => Object.hasOwn(CONTEXT_OPTIONS, name)),
  );
}
