import type { Observable } from 'rxjs';
import { mergedOptions, type OptionNames, optionsOf } from '../core/argument';
import { type LocalTarget, TARGET_OPTIONS, targetOf, type TcpTarget } from '../core/target';
import { TCP_STREAM_OPTIONS } from '../core/tcpStreamOptions';
import { connect, type ConnectOptions } from '../reactive/connect';
import { TLS_OPTIONS, type TlsOptions } from './options';
import { splitOptions } from './splitOptions';
import { startTls } from './startTls';
import type { TlsConnection } from './TlsConnection';

/** The options of TLS and of the secured connection. */
type Tls = Omit<TlsOptions, 'isServer' | 'onError'>;

/** The options of the connection below. */
type BelowOptions = Omit<ConnectOptions, keyof TlsOptions | 'borrow' | 'answerTimeout'>;

/** @see connectTls */
export interface ConnectTlsOptions extends Tls, BelowOptions {}

const BELOW_OPTIONS: OptionNames<BelowOptions> = {
  ...TCP_STREAM_OPTIONS,
  timeout: true,
  signal: true,
  loop: true,
};

/**
 * Connects and shakes hands as a TLS client, and emits the one connection. As `connect` with {@link startTls} behind it: cold,
 * so `retry` and `reconnect` work, and go on from the last session. The server's certificate must be for `host`, unless
 * `servername` says otherwise; over a local socket `servername` is required.
 *
 * @param options those of `connect`, and of `startTls`. `timeout` is for connecting, `handshakeTimeout` for what follows
 * @throws TypeError RangeError `ERR_INVALID_ARG_*`
 *
 * @example
 * const connection = await firstValueFrom(connectTls({ host: 'example.org', port: 443 }));
 * console.log(connection.protocol, connection.peerCertificate?.valid_to);
 */
export function connectTls(
  target: TcpTarget | LocalTarget,
  options: ConnectTlsOptions = {},
): Observable<TlsConnection> {
  const own = optionsOf('options', options, { ...TLS_OPTIONS, ...BELOW_OPTIONS });
  const [below, tls] = splitOptions<Tls, BelowOptions>(own, BELOW_OPTIONS);
  const place = optionsOf<object>('target', target, TARGET_OPTIONS) as TcpTarget | LocalTarget;
  const { host } = targetOf(place) as { host?: string };
  const secure = startTls(
    mergedOptions(host === undefined ? {} : { servername: host }, { ...tls, isServer: false }),
  );
  return connect(
    target,
    mergedOptions(below, own.scheduler ? { scheduler: own.scheduler } : {}),
  ).pipe(secure);
}
