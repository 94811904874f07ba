import { adopt } from './adopt';
import { invalidValue } from './argument';
import { SocketError } from './errors';
import type { Server } from './Server';

/** The first descriptor that is passed (sd_listen_fds(3)). */
const FIRST = 3;
const MAX_DESCRIPTORS = 4096;

/** `LISTEN_PIDFDID` is another way to say which process is meant, of newer systems. */
const VARIABLES = ['LISTEN_PID', 'LISTEN_PIDFDID', 'LISTEN_FDS', 'LISTEN_FDNAMES'] as const;

type Variables = Partial<Record<(typeof VARIABLES)[number], string>>;

/**
 * The servers that a service manager such as systemd opened for this process (socket activation), in its order: of TCP,
 * local ones, and of local packets. Each has the `name` that `FileDescriptorName=` gives it; `instanceof` says which kind
 * it is. Empty if there are none, or if they are meant for another process.
 *
 * They belong to the first call. It takes the variables `LISTEN_FDS`, `LISTEN_PID` and `LISTEN_FDNAMES` out of
 * `process.env`, and no child inherits the descriptors. A descriptor that does not listen, such as a UDP socket, is left
 * for {@link adopt}: the first is 3.
 *
 * @throws TypeError `ERR_INVALID_ARG_VALUE`: the variables contradict what they are for
 * @throws SocketError `EBADF`: a descriptor is not open. Those before it are open, and nobody's
 *
 * @example
 * const [server = listenTcp({ port: 7000 })] = inheritedServers();
 */
export function inheritedServers(): Server[] {
  const variables = takeVariables();
  if (!isForUs(variables)) return [];
  const names = namesOf(variables);
  const servers: Server[] = [];
  try {
    for (const [index, name] of names.entries()) {
      const server = adoptServer(FIRST + index);
      if (!server) continue;
      server.setName(name);
      servers.push(server);
    }
  } catch (error) {
    for (const server of servers) server.detach();
    throw error;
  }
  return servers;
}

function takeVariables(): Variables {
  const taken: Variables = {};
  for (const name of VARIABLES) {
    const value = process.env[name];
    if (value === undefined) continue;
    taken[name] = value;
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- nothing else takes a variable out
    delete process.env[name];
  }
  return taken;
}

function isForUs({ LISTEN_PID, LISTEN_FDS }: Variables): boolean {
  if (LISTEN_PID === undefined || LISTEN_FDS === undefined) return false;
  return numberOf('LISTEN_PID', LISTEN_PID, Number.MAX_SAFE_INTEGER) === process.pid;
}

/** One for each descriptor. */
function namesOf({ LISTEN_FDS = '', LISTEN_FDNAMES }: Variables): string[] {
  const count = numberOf('LISTEN_FDS', LISTEN_FDS, MAX_DESCRIPTORS);
  if (count === 0) return [];
  const names = LISTEN_FDNAMES?.split(':') ?? new Array<string>(count).fill('');
  if (names.length !== count) {
    throw invalidValue(
      'process.env.LISTEN_FDNAMES',
      `must have a name for each of ${count} descriptors`,
      LISTEN_FDNAMES,
    );
  }
  return names;
}

function numberOf(name: keyof Variables, text: string, max: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (number <= max) return number;
  throw invalidValue(`process.env.${name}`, `must be a whole number of at most ${max}`, text);
}

/** Null: it does not listen. It is open and nobody's then, and no child inherits it either. */
function adoptServer(fd: number): Server | null {
  for (const kind of ['tcpServer', 'localServer', 'localPacketServer'] as const) {
    try {
      return adopt(fd, kind);
    } catch (error) {
      if (!isOfAnotherKind(error)) throw error;
    }
  }
  adopt(fd, 'descriptor').detach();
  return null;
}

function isOfAnotherKind(error: unknown): boolean {
  return error instanceof SocketError && ['EPROTOTYPE', 'ENOTSOCK'].includes(error.code);
}
