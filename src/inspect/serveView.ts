import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, Socket as NodeSocket } from 'node:net';
import { map, retry } from 'rxjs';
import { errorOfCode } from '../core/errors';
import { listenLocal } from '../core/local';
import { readiness } from '../reactive/readiness';
import { type Access, newToken, OWNERS_ACCESS, tokenAccess } from './Access';

/** A live view that is being served. */
export interface LiveView {
  /** Where: for a browser, with the token, as `http://127.0.0.1:7001/TOKEN/`; or `unix:PATH`, for `npx bipoll watch`. */
  readonly url: string;
  /** Stops serving it. Pages that show it are cut off. */
  close(): void;
  /** The same, for `using`. */
  [Symbol.dispose](): void;
}

/** Answers a request that may be answered. @param path below the view's own */
export type Answer = (request: IncomingMessage, response: ServerResponse, path: string) => void;

/** What is served, until it is closed. */
export interface Content {
  readonly answer: Answer;
  close(): void;
}

/** A stranger who sends nothing, or slowly, has no more than this. */
const LIMITS = { headersTimeout: 5000, requestTimeout: 5000, maxHeaderSize: 8192 };
const MOST_CONNECTIONS = 64;
/** Milliseconds until accepting is tried again, when the process has run out of descriptors. */
const PAUSE = 100;

/** Serves at a port of 127.0.0.1, to whoever has the token. @param keepsAlive whether it keeps the process alive */
export async function serveAtPort(
  port: number,
  content: Content,
  keepsAlive: boolean,
): Promise<LiveView> {
  const token = newToken();
  const portOf = () => (server.address() as AddressInfo | null)?.port ?? 0;
  const server: Server = newServer(tokenAccess(token, portOf), content);
  server.listen(port, '127.0.0.1');
  if (!keepsAlive) server.unref();
  await once(server, 'listening');
  return viewOf(`http://127.0.0.1:${portOf()}/${token}/`, () => {
    content.close();
    server.close();
    server.closeAllConnections();
  });
}

/** Serves at a socket file, to its owner. @throws SocketError */
export function serveAtPath(path: string, content: Content): LiveView {
  if (process.platform === 'win32') throw errorOfCode('ENOTSUP', 'listen', { path });
  // Node.js makes a file that others may open, until it is told otherwise; this one never is.
  const local = listenLocal({ path, replaceStale: true }).unref();
  const server = newServer(OWNERS_ACCESS, content);
  const open = new Set<NodeSocket>();
  const accepting = readiness(local, 'connectionAvailable')
    .pipe(
      map(() => local.accept().detach()),
      retry({ delay: PAUSE }),
    )
    .subscribe((fd) => {
      const socket = new NodeSocket({ fd, readable: true, writable: true });
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      server.emit('connection', socket);
    });
  return viewOf(`unix:${path}`, () => {
    accepting.unsubscribe();
    local.close();
    content.close();
    for (const socket of open) socket.destroy();
  });
}

function newServer(access: Access, content: Content): Server {
  const server = createServer(LIMITS, (request, response) => {
    try {
      const path = access(request);
      if (path === null) response.writeHead(403, { connection: 'close' }).end();
      else content.answer(request, response, path);
    } catch {
      response.destroy(); // a mistake of ours must not end the service
    }
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on('connection', (socket: NodeSocket) => socket.unref());
  // Accepting may fail later on, when the process has run out of descriptors: that must not end the service.
  server.on('error', () => undefined);
  return server;
}

function viewOf(url: string, close: () => void): LiveView {
  return { url, close, [Symbol.dispose]: close };
}
