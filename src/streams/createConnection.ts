import { mergedOptions, type OptionNames, optionsOf } from '../core/argument';
import { native } from '../core/native';
import type { LocalTarget, TcpTarget } from '../core/target';
import { connectTelling, type ConnectOptions } from '../reactive/connect';
import { ConnectionDuplex, DUPLEX_OPTIONS, type DuplexOptions } from './ConnectionDuplex';

/** @see createConnection */
export interface CreateConnectionOptions
  extends DuplexOptions, Pick<ConnectOptions, 'signal' | 'loop'> {
  /** As `setTimeout` with these milliseconds, from the start: `'timeout'` is emitted, and nothing else happens. */
  timeout?: number;
}

const OPTIONS: OptionNames<CreateConnectionOptions> = {
  ...DUPLEX_OPTIONS,
  timeout: true,
  signal: true,
  loop: true,
};

/**
 * A stream that is still connecting, at once, as `net.createConnection` gives one: for pools and drivers that take a
 * factory of streams. It emits `'lookup'` for each address of a name, then `'connect'` and `'ready'`; what is written
 * before is sent then. If connecting fails it emits `'error'` (`ECONNREFUSED`, `ENOENT`, `ENOTFOUND` and the like), and
 * `'close'`. Destroying it cancels connecting.
 *
 * A driver that calls `connect()` on the stream, as pg does, gets the connection to this target.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
 * @throws RangeError `ERR_OUT_OF_RANGE`
 *
 * @example
 * const pool = new Pool({ stream: () => createConnection({ path: '/run/postgresql/.s.PGSQL.5432' }) });
 */
export function createConnection(
  target: TcpTarget | LocalTarget,
  options: CreateConnectionOptions = {},
): ConnectionDuplex {
  const { timeout, signal, loop, ...own } = optionsOf('options', options, OPTIONS);
  const duplex = new ConnectionDuplex(own);
  const connecting = mergedOptions(
    signal === undefined ? {} : { signal },
    loop === undefined ? {} : { loop },
  );
  const connection = connectTelling(target, connecting, (found, host) => {
    tellLookUp(duplex, found, host);
  });
  if (timeout !== undefined) duplex.setTimeout(timeout);
  duplex.connectBy(connection);
  return duplex;
}

/** As `net.Socket` does: once for each address, or for the failure. */
function tellLookUp(
  duplex: ConnectionDuplex,
  found: readonly string[] | Error,
  host: string,
): void {
  if (found instanceof Error) {
    duplex.emit('lookup', found, undefined, undefined, host);
    return;
  }
  for (const address of found) {
    duplex.emit('lookup', null, address, native.addressFamily(address), host);
  }
}
