import { checkArray, checkInstance, checkTimeout } from '../core/argument';
import { orThrow } from '../core/errors';
import { bitsOf, type EventsOf, namesOf, type SocketEvent } from '../core/events';
import { native } from '../core/native';
import { Socket } from '../core/Socket';
import { sendAllStaged } from '../core/staged';

/** A socket and what is asked of it: one event or several. */
export type PollQuery<S extends Socket = Socket> = readonly [socket: S, events: EventsOf<S>];

/**
 * Waits until an event of one of several sockets holds. For many sockets, again and again, use a `Poller`.
 *
 * @param timeout milliseconds for the whole call; `0` only looks, `Infinity` waits for ever
 * @returns for each query, in their order, the events that hold, or null
 *
 * @example
 * const [fromServer, fromUser] = pollAll([[server, 'dataAvailable'], [stdin, 'readable']], 1000);
 */
export function pollAll<Sockets extends readonly Socket[]>(
  queries: readonly [...{ readonly [I in keyof Sockets]: PollQuery<Sockets[I]> }],
  timeout: number,
): (readonly SocketEvent[] | null)[] {
  const asked = checkArray('queries', 'an array', queries);
  checkTimeout('timeout', timeout);
  const pairs = new Float64Array(2 * asked.length);
  asked.forEach((query, index) => {
    const [socket, events] = checkArray(`queries[${index}]`, 'a socket and its events', query);
    const { token, possibleEvents } = checkInstance(`queries[${index}][0]`, Socket, socket);
    pairs[2 * index] = token;
    pairs[2 * index + 1] = bitsOf(events, possibleEvents);
  });
  sendAllStaged();
  orThrow(native.poll(pairs, asked.length, timeout, false), 'poll');
  return asked.map((_, index) => {
    const held = pairs[2 * index + 1]!;
    return held === 0 ? null : namesOf(held);
  });
}
