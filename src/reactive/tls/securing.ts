import type { OperatorFunction } from 'rxjs';
import { invalidValue, mergedOptions, optionsOf, partOf } from '../../core/argument';
import type { Connection, ConnectionOptions } from '../connection/Connection';
import { FROM_DUPLEX_OPTIONS, type FromDuplexOptions } from '../duplex/fromDuplex';
import {
  CLIENT_TLS_OPTIONS,
  type ClientTlsOptions,
  SERVER_TLS_OPTIONS,
  type ServerTlsOptions,
  type TlsOptions,
} from './options';
import { startTls } from './startTls';
import type { TlsConnection } from './TlsConnection';

/** How connections are made secure that were asked for with `tls`. */
export interface Securing<Options> {
  /** The options for the connection below. */
  readonly below: Options;
  readonly secure: OperatorFunction<Connection, TlsConnection>;
}

/**
 * Parts the options of `connect`, which were read.
 *
 * @param host whom the server's certificate must be for, unless `servername` says otherwise; undefined over a local socket
 */
export function securingClient<Options extends ConnectionOptions>(
  options: Options,
  tls: ClientTlsOptions,
  host: string | undefined,
): Securing<Options> {
  const own = optionsOf('tls', tls, CLIENT_TLS_OPTIONS);
  const named = mergedOptions(host === undefined ? {} : { servername: host }, own);
  return securing(options, mergedOptions(named, { isServer: false }));
}

/** Parts the options of `listen`, which were read. */
export function securingServer<Options extends ConnectionOptions>(
  options: Options,
  tls: ServerTlsOptions,
): Securing<Options> {
  const own = optionsOf('tls', tls, SERVER_TLS_OPTIONS);
  return securing(options, mergedOptions(own, { isServer: true }));
}

/** What holds for a connection however its bytes travel is for the secured one: the one below has the defaults. */
function securing<Options extends ConnectionOptions>(
  options: Options,
  tls: TlsOptions,
): Securing<Options> {
  for (const name of ['borrow', 'answerTimeout'] as const) {
    if (options[name] !== undefined) {
      throw invalidValue(name, "cannot be used with 'tls'", options[name]);
    }
  }
  const clock = options.scheduler === undefined ? {} : { scheduler: options.scheduler };
  const others = Object.entries(options).filter(
    ([name]) => !Object.hasOwn(FROM_DUPLEX_OPTIONS, name),
  );
  return {
    below: mergedOptions(Object.fromEntries(others), clock) as Options,
    secure: startTls(mergedOptions(tls, partOf<FromDuplexOptions>(options, FROM_DUPLEX_OPTIONS))),
  };
}
