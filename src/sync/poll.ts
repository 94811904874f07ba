import { checkInstance, checkTimeout } from '../core/argument';
import { orThrow } from '../core/errors';
import { bitsOf, type EventOf, namesOf, type SocketEvent } from '../core/events';
import { native } from '../core/native';
import { Socket } from '../core/Socket';
import { sendAllStaged } from '../core/staged';

/**
 * Waits until an event of a socket holds, or one of several.
 *
 * @param events one event, or an array of them
 * @param timeout milliseconds for the whole call; `0` only looks, `Infinity` waits for ever
 * @returns the event, or the array of those that hold; null at the deadline
 *
 * @example
 * if (poll(server, 'connectionAvailable', 500)) serve(server.accept());
 */
export function poll<S extends Socket, Event extends EventOf<S>>(
  socket: S,
  events: Event,
  timeout: number,
): Event | null;
export function poll<S extends Socket, Event extends EventOf<S>>(
  socket: S,
  events: readonly Event[],
  timeout: number,
): readonly Event[] | null;
export function poll(
  socket: Socket,
  events: SocketEvent | readonly SocketEvent[],
  timeout: number,
): SocketEvent | readonly SocketEvent[] | null {
  checkInstance('socket', Socket, socket);
  const asked = bitsOf(events, socket.possibleEvents);
  sendAllStaged();
  const held = orThrow(
    native.pollOne(socket.token, asked, checkTimeout('timeout', timeout), false),
    'poll',
  );
  if (held === 0) return null;
  return typeof events === 'string' ? events : namesOf(held);
}
