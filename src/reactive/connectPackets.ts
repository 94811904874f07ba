import { Observable, type Subscriber, take } from 'rxjs';
import { mergedOptions, type OptionNames, optionsOf } from '../core/argument';
import { bitOf, type SocketEvent } from '../core/events';
import { localPacketConnector } from '../core/localPackets';
import type { LocalPacketSocket } from '../core/LocalPacketSocket';
import { endpointMaker, MESSAGE_OPTIONS, type MessageOptions } from './fromMessageSocket';
import { EventLoop } from './loop/EventLoop';
import type { MessageEndpoint } from './messages/MessageEndpoint';

const DETERMINED = bitOf('determined');

const CONNECT_PACKETS_OPTIONS: OptionNames<MessageOptions & { path: string }> = {
  ...MESSAGE_OPTIONS,
  path: true,
};

/**
 * Connects to a server of packets, and emits the connection. Cold: each subscription connects, unsubscribing closes.
 * Completes when the connection is closed, which it is once its `messages$` is over and what was sent by then is sent.
 *
 * An error of the Observable: `ENOENT`, `ECONNREFUSED`, `EACCES` and the like.
 *
 * @throws TypeError `ERR_INVALID_ARG_*`
 *
 * @example
 * connectPackets({ path: '/run/user/1000/echo.seq' })
 *   .pipe(switchMap(({ messages$, send }) => merge(send('hello'), messages$.pipe(take(1)))))
 *   .subscribe(({ bytes }) => console.log(bytes.toString()));
 */
export function connectPackets(
  target: { path: string },
  options: MessageOptions = {},
): Observable<MessageEndpoint<LocalPacketSocket>> {
  const all = mergedOptions(
    optionsOf<object>('target', target, CONNECT_PACKETS_OPTIONS),
    optionsOf('options', options, CONNECT_PACKETS_OPTIONS),
  ) as MessageOptions & { path: string };
  const connect = localPacketConnector(all);
  const makeEndpoint = endpointMaker(all);
  return new Observable((subscriber) => {
    const socket = connect();
    subscriber.add(() => {
      socket.close();
    });
    socket.joins({
      delete: () => {
        subscriber.complete();
      },
    });
    const emit = () => {
      const error = socket.connectionError();
      if (error) {
        subscriber.error(error);
        return;
      }
      const endpoint = makeEndpoint(socket);
      endpoint.closeAtEnd();
      subscriber.next(endpoint);
    };
    if (socket.determined()) emit();
    else subscriber.add(determination(socket, all.loop ?? EventLoop.default).subscribe(emit));
  });
}

/** Emits when connecting is over: while the server's backlog is full, it goes on. */
function determination(socket: LocalPacketSocket, loop: EventLoop): Observable<unknown> {
  const determined$ = new Observable((subscriber: Subscriber<readonly SocketEvent[]>) =>
    loop.readiness.watch(socket, DETERMINED, subscriber),
  );
  return determined$.pipe(take(1));
}
