import { bitsOf, type SocketEvent } from '../core/events';
import { native } from '../core/native';
import { sendAllStaged } from '../core/staged';
import type { Where } from '../core/errors';
import type { Socket } from '../core/Socket';
import { failed, timedOut } from './failures';
import type { Deadline } from './Deadline';

/**
 * Waits until one of the events holds, or throws at the deadline.
 *
 * @param missing what is still missing then, for the error
 * @returns the engine's set of those that hold
 */
export function waitFor(
  socket: Socket & { readonly where: Where },
  events: SocketEvent | readonly SocketEvent[],
  verb: string,
  deadline: Deadline,
  missing: string,
): number {
  const asked = bitsOf(events, socket.possibleEvents);
  sendAllStaged();
  const held = native.pollOne(socket.token, asked, deadline.left, deadline.interruptible);
  if (held < 0) throw failed(held, verb, 'poll', socket.where);
  if (held === 0) throw timedOut(verb, deadline, socket.where, missing);
  return held;
}
