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
  /** The options without `tls`, for the connection below. */
  readonly below: Options;
  readonly secure: OperatorFunction<Connection, TlsConnection>;
}

/**
 * Takes `tls` out of the options of `connect`, which were read.
 *
 * @param host whom the server's certificate must be for, unless `servername` says otherwise; undefined over a local socket
 */
export function securingClient<Options extends ConnectionOptions & { tls?: ClientTlsOptions }>(
  options: Options,
  host: string | undefined,
): Securing<Options> {
  const tls = optionsOf('tls', options.tls ?? {}, CLIENT_TLS_OPTIONS);
  const named = mergedOptions(host === undefined ? {} : { servername: host }, tls);
  return securing(options, { ...named, isServer: false });
}

/** Takes `tls` out of the options of `listen`, which were read. */
export function securingServer<Options extends ConnectionOptions & { tls?: ServerTlsOptions }>(
  options: Options,
): Securing<Options> {
  const tls = optionsOf('tls', options.tls ?? {}, SERVER_TLS_OPTIONS);
  return securing(options, { ...tls, isServer: true });
}

/** What holds for a connection however its bytes travel is for the secured one: the one below has the defaults. */
function securing<Options extends ConnectionOptions>(
  { borrow, answerTimeout, scheduler, ...options }: Options,
  tls: TlsOptions,
): Securing<Options> {
  if (borrow !== undefined) throw invalidValue('borrow', "cannot be used with 'tls'", borrow);
  if (answerTimeout !== undefined) {
    throw invalidValue('answerTimeout', "cannot be used with 'tls'", answerTimeout);
  }
  const clock = scheduler === undefined ? {} : { scheduler };
  const own = partOf<FromDuplexOptions>(options, FROM_DUPLEX_OPTIONS);
  const others = Object.entries(options).filter(([name]) => name !== 'tls' && !(name in own));
  return {
    below: { ...Object.fromEntries(others), ...clock } as Options,
    secure: startTls({ ...tls, ...own, ...clock }),
  };
}
