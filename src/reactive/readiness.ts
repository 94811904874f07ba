import { Observable, type Subscriber } from 'rxjs';
import { checkInstance, type OptionNames, optionsOf } from '../core/argument';
import { SocketClosedError } from '../core/errors';
import { bitsOf, type EventOf, type EventsOf } from '../core/events';
import { Socket } from '../core/Socket';
import { EventLoop } from './loop/EventLoop';

/** @see readiness */
export interface ReadinessOptions {
  /** Serves it; by default the thread's own. */
  loop?: EventLoop;
}

const READINESS_OPTIONS: OptionNames<ReadinessOptions> = { loop: true };

/**
 * The readiness of any core socket, descriptors from elsewhere included. Level-triggered: emits the events that hold in
 * every turn of the event loop, until the subscriber reads, writes or accepts. Completes when the socket is closed. It
 * may have several subscribers.
 *
 * @throws TypeError `ERR_INVALID_ARG_*`: an event that this socket cannot have
 *
 * @example
 * using stdin = adopt(0, 'descriptor');
 * readiness(stdin, 'readable').subscribe(() => console.log(stdin.read(buffer)));
 */
export function readiness<S extends Socket>(
  socket: S,
  events: EventsOf<S>,
  options: ReadinessOptions = {},
): Observable<readonly EventOf<S>[]> {
  checkInstance('socket', Socket, socket);
  const { loop } = optionsOf('options', options, READINESS_OPTIONS);
  if (loop !== undefined) checkInstance('loop', EventLoop, loop);
  const wanted = bitsOf(events, socket.possibleEvents);
  return new Observable((subscriber: Subscriber<readonly EventOf<S>[]>) => {
    if (socket.closed) throw new SocketClosedError('The socket is closed');
    return (loop ?? EventLoop.default).readiness.watch(socket, wanted, subscriber);
  });
}
