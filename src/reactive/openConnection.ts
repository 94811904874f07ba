import { firstValueFrom } from 'rxjs';
import type { LocalTarget, TcpTarget } from '../core/target';
import { connect, type ConnectOptions } from './connect';
import type { Connection } from './connection/Connection';
import type { ClientTlsOptions } from './tls/options';
import type { TlsConnection } from './tls/TlsConnection';

/**
 * Connects, and resolves to the connection, which is yours to close: `await using` does it. Rejects with what {@link
 * connect} fails with, also for a bad argument. `signal` cancels connecting; it has no effect afterwards.
 *
 * @example
 * await using connection = await openConnection({ port: 7000 }, { timeout: 1000 });
 * connection.write('hello\n');
 * console.log(await firstValueFrom(connection.data$.pipe(decode(lines()))));
 */
export async function openConnection(
  target: TcpTarget | LocalTarget,
  options: ConnectOptions & { tls: ClientTlsOptions },
): Promise<TlsConnection>;
export async function openConnection(
  target: TcpTarget | LocalTarget,
  options?: ConnectOptions,
): Promise<Connection>;
export async function openConnection(
  target: TcpTarget | LocalTarget,
  options: ConnectOptions = {},
): Promise<Connection> {
  return firstValueFrom(connect(target, options));
}
