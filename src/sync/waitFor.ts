import { bitOf, type SocketEvent } from '../core/events';
import { native } from '../core/native';
import type { Socket } from '../core/Socket';
import { sendAllStaged } from '../core/staged';
import { failed, timedOut } from './failures';
import type { Deadline } from './options';

/** Waits until an event holds, or throws at the deadline. */
export function waitFor(
  socket: Socket,
  event: SocketEvent,
  verb: string,
  deadline: Deadline,
): void {
  sendAllStaged();
  const held = native.pollOne(socket.token, bitOf(event), deadline.left, deadline.interruptible);
  if (held < 0) throw failed(held, verb, 'poll');
  if (held === 0) throw timedOut(verb, deadline);
}
