import { parseArgs } from 'node:util';
import { listenLocal, listenTcp, type LocalServer, TcpServer } from 'bipoll';

/** Where to listen or to connect to: `--path PATH`, or `[--host HOST] --port PORT`. */
export type Target = { path: string } | { host: string; port: number };

export interface Arguments {
  target: Target;
  /** What stands behind the target. */
  rest: string[];
}

/** Reads the command line of an example. Without a target it prints how to call it, and ends the process. */
export function readArguments(usage: string): Arguments {
  const { values, positionals: rest } = parseArgs({
    allowPositionals: true,
    options: {
      path: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string' },
    },
  });
  const target = targetOf(values.path, values.host, values.port);
  return target ? { target, rest } : misused(usage);
}

/** The target in the words of a command line, or null if they name none. */
export function targetOf(path?: string, host?: string, port?: string): Target | null {
  if (path !== undefined) return { path };
  return host !== undefined && port !== undefined && /^\d+$/.test(port)
    ? { host, port: Number(port) }
    : null;
}

export function misused(usage: string): never {
  console.error(`usage: ${usage}`);
  process.exit(2);
}

/** Listens at a target. */
export function listen(target: Target): TcpServer | LocalServer {
  if (!('path' in target)) return listenTcp(target);
  // Ctrl-C ends a program without closing anything, so the last run may have left its socket file.
  return listenLocal({ ...target, replaceStale: true });
}

/** Where a server listens: after port 0, the port that it really got. */
export function addressOf(server: TcpServer | LocalServer): string {
  return server instanceof TcpServer ? `${server.host} ${server.port}` : server.path;
}
