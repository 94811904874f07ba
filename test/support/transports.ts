import {
  capabilities,
  connectLocal,
  connectTcp,
  listenLocal,
  listenTcp,
  type StreamServer,
  type StreamSocket,
} from 'bipoll';
import { accept } from 'bipoll/sync';
import { freshPath } from './freshPath';
import { PATIENCE } from './patience';
import { isWindows } from './where';

/** A kind of connection that the same tests run over. */
export interface Transport {
  readonly name: string;
  readonly isAbstract?: boolean;
  /** One side can end and still hear the other: not so named pipes. */
  readonly hasHalfClose: boolean;
  listen(backlog?: number): StreamServer;
  /** Begins to connect to a server of this transport. */
  connectTo(server: StreamServer): StreamSocket;
}

function tcp(name: string, host: string): Transport {
  return {
    name,
    hasHalfClose: true,
    listen: (backlog = 511) => listenTcp({ host, port: 0, backlog }),
    connectTo: (server) => connectTcp({ host, port: (server as unknown as { port: number }).port }),
  };
}

function local(name: string, path: () => string): Transport {
  return {
    name,
    hasHalfClose: !isWindows,
    listen: (backlog = 511) => listenLocal({ path: path(), backlog }),
    connectTo: (server) => connectLocal({ path: (server as unknown as { path: string }).path }),
  };
}

export const transports: readonly Transport[] = [
  tcp('TCP over IPv4', '127.0.0.1'),
  tcp('TCP over IPv6', '::1'),
  local('a local socket', freshPath),
  ...(capabilities().features.abstractNames
    ? [{ ...local('an abstract local socket', () => `\0${freshPath()}`), isAbstract: true }]
    : []),
];

/** A server with one connection: both of its ends. */
export class Connected {
  readonly server: StreamServer;
  readonly client: StreamSocket;
  readonly remote: StreamSocket;

  constructor(transport: Transport) {
    this.server = transport.listen();
    this.client = transport.connectTo(this.server);
    this.remote = accept(this.server, { timeout: PATIENCE });
  }

  [Symbol.dispose](): void {
    this.client.close();
    this.remote.close();
    this.server.close();
  }
}
