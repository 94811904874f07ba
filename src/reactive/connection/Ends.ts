import type { Where } from '../../core/errors';
import { LocalStream } from '../../core/LocalStream';
import type { PeerCredentials } from '../../core/peerCredentials';
import type { StreamSocket } from '../../core/StreamSocket';
import { TcpStream } from '../../core/TcpStream';

/** Who is at the two ends of a connection. What it has not, or what is not known, is undefined. */
export interface Ends {
  /** The numeric address of the peer, also after it has left; undefined over a local socket. */
  readonly remoteAddress: string | undefined;
  /** The port of the peer, also after it has left; undefined over a local socket. */
  readonly remotePort: number | undefined;
  /** The numeric address of this end; undefined over a local socket, and once closed. */
  readonly localAddress: string | undefined;
  /** The port of this end; undefined over a local socket, and once closed. */
  readonly localPort: number | undefined;
  /** The path of the server, over a local socket. */
  readonly path: string | undefined;
  /** Who is at the other end of a local socket; null where the system does not tell, and once closed. */
  peerCredentials(): PeerCredentials | null;
}

/** Of what has no addresses. */
export const NO_ENDS: Ends = {
  remoteAddress: undefined,
  remotePort: undefined,
  localAddress: undefined,
  localPort: undefined,
  path: undefined,
  peerCredentials: () => null,
};

/** Asks the socket, so that a connection need not remember any of it. */
export function endsOf(socket: StreamSocket): Ends {
  if (socket instanceof TcpStream) {
    const { remoteAddress, remotePort, localAddress, localPort } = socket;
    return { ...NO_ENDS, remoteAddress, remotePort, localAddress, localPort };
  }
  if (!(socket instanceof LocalStream)) return NO_ENDS;
  return {
    ...NO_ENDS,
    path: socket.path || undefined,
    peerCredentials: () => (socket.closed ? null : socket.peerCredentials()),
  };
}

/** The peer, for errors. */
export function peerOf({ remoteAddress, remotePort, path }: Ends): Where {
  if (path !== undefined) return { path };
  if (remoteAddress === undefined || remotePort === undefined) return {};
  return { address: remoteAddress, port: remotePort };
}
