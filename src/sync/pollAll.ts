import { checkTimeout, invalidType } from '../core/argument';
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
  if (!Array.isArray(queries)) throw invalidType('queries', 'an array', queries);
  checkTimeout('timeout', timeout);
  const pairs = new Float64Array(2 * queries.length);
  queries.forEach((query: PollQuery, index) => {
    const [socket, events] = query;
    if (!(socket instanceof Socket)) throw invalidType(`queries[${index}][0]`, 'a Socket', socket);
    pairs[2 * index] = socket.token;
    pairs[2 * index + 1] = bitsOf(events, socket.possibleEvents);
  });
  sendAllStaged();
  orThrow(native.poll(pairs, queries.length, timeout, false), 'poll');
  return queries.map((_, index) => {
    const held = pairs[2 * index + 1]!;
    return held === 0 ? null : namesOf(held);
  });
}
