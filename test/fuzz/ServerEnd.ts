import type { SocketEvent, StreamServer } from 'bipoll';
import type { End } from './End';
import type { Expected } from './Expected';

/** A server, and the ends that it has yet to accept, the first to connect first. */
export class ServerEnd {
  readonly backlog: End[] = [];

  constructor(
    readonly number: number,
    readonly isLocal: boolean,
    readonly socket: StreamServer,
  ) {}

  get events(): Expected {
    const holds = new Set<SocketEvent>(this.backlog.length > 0 ? ['connectionAvailable'] : []);
    return { certain: holds, possible: holds };
  }
}
