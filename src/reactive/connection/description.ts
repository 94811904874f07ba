import { addressText } from '../../core/inspection';
import type { Connection } from './Connection';
import type { LifeState } from './lifeStates';

/** What `console.log` shows of a connection. */
export function descriptionOf(
  connection: Connection & { readonly reason: Error | null | undefined },
  state: LifeState,
): Readonly<Record<string, unknown>> {
  const { id, path, bytesRead, bytesWritten, queuedBytes, reason } = connection;
  return {
    id,
    state,
    reason: reason?.message,
    local: text(connection.localAddress, connection.localPort),
    remote: text(connection.remoteAddress, connection.remotePort),
    path,
    bytesRead,
    bytesWritten,
    queuedBytes,
  };
}

function text(host: string | undefined, port: number | undefined): string | undefined {
  return host === undefined || port === undefined ? undefined : addressText({ host, port });
}
