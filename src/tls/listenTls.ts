import type { Observable } from 'rxjs';
import { mergedOptions, type OptionNames, optionsOf } from '../core/argument';
import { TCP_STREAM_OPTIONS } from '../core/tcpStreamOptions';
import { listen, type ListenOptions, type ListenTarget } from '../reactive/listen';
import { TLS_OPTIONS, type TlsOptions } from './options';
import { splitOptions } from './splitOptions';
import { startTls } from './startTls';
import type { TlsConnection } from './TlsConnection';

/** The options of TLS and of the secured connection. */
type Tls = Omit<TlsOptions, 'isServer'>;

/** The options of the listener and of the connections below. */
type BelowOptions = Omit<ListenOptions, keyof TlsOptions | 'borrow' | 'answerTimeout'>;

/** @see listenTls */
export interface ListenTlsOptions extends Tls, BelowOptions {}

const BELOW_OPTIONS: OptionNames<BelowOptions> = {
  ...TCP_STREAM_OPTIONS,
  host: true,
  backlog: true,
  reuseAddress: true,
  reusePort: true,
  ipv6Only: true,
  mode: true,
  deleteOnClose: true,
  replaceStale: true,
  maxConnections: true,
  authorize: true,
  onListening: true,
  signal: true,
  loop: true,
};

/**
 * Listens, and emits each client with whom the TLS handshake is done. As `listen` with {@link startTls} behind it: those who
 * shake hands still count for `maxConnections`.
 *
 * @param options those of `listen`, and of `startTls`: `key` and `cert`, or `pfx`
 * @throws TypeError RangeError `ERR_INVALID_ARG_*`
 *
 * @example
 * listenTls({ port: 7443 }, { key, cert })
 *   .pipe(serve((connection) => connection.send(connection.data$)))
 *   .subscribe();
 */
export function listenTls(
  target: ListenTarget,
  options: ListenTlsOptions,
): Observable<TlsConnection> {
  const own = optionsOf('options', options, { ...TLS_OPTIONS, ...BELOW_OPTIONS });
  const [below, tls] = splitOptions<Tls, BelowOptions>(own, BELOW_OPTIONS);
  const secure = startTls({ ...tls, isServer: true });
  return listen(
    target,
    mergedOptions(below, own.scheduler ? { scheduler: own.scheduler } : {}),
  ).pipe(secure);
}
