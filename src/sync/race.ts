import { ATTEMPT_DELAY } from '../core/addresses';
import { errorOfAll, SocketError, type Where } from '../core/errors';
import { bitOf } from '../core/events';
import { native } from '../core/native';
import { sendAllStaged } from '../core/staged';
import type { TcpStream } from '../core/TcpStream';
import type { Deadline } from './Deadline';
import { failed, timedOut } from './failures';

const DETERMINED = bitOf('determined');

/**
 * Connects to one of several addresses (Happy Eyeballs, RFC 8305): the next one is tried when one has failed, or when
 * none has answered for 250 ms. The first one connected wins, and the others are closed.
 *
 * @param begin begins to connect to an address
 * @param where the name or host that has these addresses, for errors
 */
export function race(
  begin: (address: string) => TcpStream,
  addresses: readonly string[],
  deadline: Deadline,
  where: Where,
): TcpStream {
  const waiting = [...addresses];
  const connecting = new Set<TcpStream>();
  const errors: SocketError[] = [];
  try {
    while (waiting.length > 0 || connecting.size > 0) {
      const address = waiting.shift();
      if (address !== undefined) start(begin, address, connecting, errors);
      const patience = waiting.length > 0 ? ATTEMPT_DELAY : Infinity;
      const determined = waitForAny(connecting, Math.min(patience, deadline.left), deadline, where);
      for (const stream of determined) {
        connecting.delete(stream);
        const error = stream.connectionError();
        if (error === null) return stream;
        errors.push(error);
        stream.close();
      }
      if (determined.length === 0 && connecting.size > 0 && deadline.left === 0) {
        throw timedOut('connect', deadline, placeOfAll(connecting, where), 'no answer came');
      }
    }
    throw errorOfAll(errors);
  } finally {
    for (const stream of connecting) stream.close();
  }
}

/** Adds a connecting stream, or the error of one that could not begin. */
function start(
  begin: (address: string) => TcpStream,
  address: string,
  connecting: Set<TcpStream>,
  errors: SocketError[],
): void {
  try {
    connecting.add(begin(address));
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
    errors.push(error);
  }
}

/** The streams whose connecting is over; none if the time runs out first. Does not wait if there is none. */
function waitForAny(
  connecting: ReadonlySet<TcpStream>,
  timeout: number,
  { interruptible }: Deadline,
  where: Where,
): TcpStream[] {
  if (connecting.size === 0) return [];
  const streams = [...connecting];
  const pairs = Float64Array.from(streams.flatMap(({ token }) => [token, DETERMINED]));
  sendAllStaged();
  const count = native.poll(pairs, streams.length, timeout, interruptible);
  if (count < 0) throw failed(count, 'connect', 'poll', placeOfAll(connecting, where));
  return streams.filter((_, index) => pairs[2 * index + 1] !== 0);
}

/** The address while there is one alone. */
function placeOfAll(connecting: ReadonlySet<TcpStream>, where: Where): Where {
  const [first] = connecting;
  return first && connecting.size === 1 ? first.where : where;
}
