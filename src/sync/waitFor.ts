import { bitOf, type SocketEvent } from '../core/events';
import { native } from '../core/native';
import { sendAllStaged } from '../core/staged';
import type { StreamServer } from '../core/StreamServer';
import type { StreamSocket } from '../core/StreamSocket';
import { failed, timedOut } from './failures';
import type { Deadline } from './Deadline';

/**
 * Waits until an event holds, or throws at the deadline.
 *
 * @param missing what is still missing then, for the error
 */
export function waitFor(
  socket: StreamServer | StreamSocket,
  event: SocketEvent,
  verb: string,
  deadline: Deadline,
  missing: string,
): void {
  sendAllStaged();
  const held = native.pollOne(socket.token, bitOf(event), deadline.left, deadline.interruptible);
  if (held < 0) throw failed(held, verb, 'poll', socket.where);
  if (held === 0) throw timedOut(verb, deadline, socket.where, missing);
}
