import {
  checkBoolean,
  checkFunction,
  checkTimeout,
  mergedOptions,
  type OptionNames,
  optionsOf,
  partOf,
} from '../../core/argument';
import { checkHandshake, checkSide } from '../../handshake/checkHandshake';
import { CONTEXT_OPTIONS, type ContextOptions } from '../../handshake/contextOptions';
import {
  CLIENT_HANDSHAKE_OPTIONS,
  type ClientHandshakeOptions,
  SERVER_HANDSHAKE_OPTIONS,
  type ServerHandshakeOptions,
  HANDSHAKE_OPTIONS,
  type HandshakeOptions,
} from '../../handshake/handshakeOptions';
import { contextOf, type HandshakeSettings } from '../../handshake/tlsSockets';
import type { Connection } from '../connection/Connection';
import { connectionSettings, type ConnectionSettings } from '../connection/options';
import { FROM_DUPLEX_OPTIONS, type FromDuplexOptions } from '../duplex/fromDuplex';

/** The `tls` of `connect`: with the names and the meaning of `node:tls`. */
export interface ClientTlsOptions extends ContextOptions, ClientHandshakeOptions {
  /** Milliseconds for the handshake; 10,000 by default. Then the connection is closed with a `TimeoutError`. */
  handshakeTimeout?: number;
}

/** The `tls` of `listen`: `key` and `cert`, or `pfx`, and more with the names and the meaning of `node:tls`. */
export interface ServerTlsOptions
  extends ContextOptions, ServerHandshakeOptions, Pick<ClientTlsOptions, 'handshakeTimeout'> {
  /**
   * Called when the handshake with an accepted client has failed; the connection is closed. Ignored by default, since
   * anybody may connect.
   */
  onError?: (error: Error, connection: Connection) => void;
}

/** @see startTls */
export interface TlsOptions extends ClientTlsOptions, ServerTlsOptions, FromDuplexOptions {
  /** Which side we are. By default the server of a connection that a listener accepted, and the client of any other. */
  isServer?: boolean;
}

export const CLIENT_TLS_OPTIONS: OptionNames<ClientTlsOptions> = {
  ...CONTEXT_OPTIONS,
  ...CLIENT_HANDSHAKE_OPTIONS,
  handshakeTimeout: true,
};

export const SERVER_TLS_OPTIONS: OptionNames<ServerTlsOptions> = {
  ...CONTEXT_OPTIONS,
  ...SERVER_HANDSHAKE_OPTIONS,
  handshakeTimeout: true,
  onError: true,
};

const TLS_OPTIONS: OptionNames<TlsOptions> = {
  ...CLIENT_TLS_OPTIONS,
  ...SERVER_TLS_OPTIONS,
  ...FROM_DUPLEX_OPTIONS,
  isServer: true,
};

/** Options of `startTls`, checked. */
export interface TlsSettings extends HandshakeSettings {
  readonly connection: ConnectionSettings;
  /** Null: whoever was accepted is a client. */
  readonly isServer: boolean | null;
  readonly handshakeTimeout: number;
  readonly onError: (error: Error, connection: Connection) => void;
  /** Throws where the options do not do for a server, or a client. */
  readonly checkSide: (isServer: boolean) => void;
  session: Buffer | null;
}

/** Checks options, and makes the context that all connections share: bad keys and certificates are refused here. */
export function tlsSettings(options: TlsOptions): TlsSettings {
  const own = optionsOf('options', options, TLS_OPTIONS);
  const { isServer = null, handshakeTimeout = 10_000, onError = () => undefined } = own;
  const { rejectUnauthorized = true, requestCert = false } = own;
  checkFunction('onError', onError);
  if (isServer !== null) checkSide(own, checkBoolean('isServer', isServer));
  checkHandshake(own);
  return {
    connection: connectionSettings(own),
    isServer,
    handshakeTimeout: checkTimeout('handshakeTimeout', handshakeTimeout),
    onError,
    checkSide: (isServer) => {
      checkSide(own, isServer);
    },
    secureContext: own.secureContext ?? contextOf(partOf<ContextOptions>(own, CONTEXT_OPTIONS)),
    handshake: mergedOptions(partOf<HandshakeOptions>(own, HANDSHAKE_OPTIONS), {
      rejectUnauthorized,
      requestCert,
    }),
    session: null,
  };
}
