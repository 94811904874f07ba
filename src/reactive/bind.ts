import { Observable } from 'rxjs';
import { mergedOptions, type OptionNames, optionsOf } from '../core/argument';
import {
  BIND_LOCAL_DATAGRAM_OPTIONS,
  type BindLocalDatagramOptions,
  localDatagramBinder,
} from '../core/localDatagrams';
import type { LocalDatagramSocket } from '../core/LocalDatagramSocket';
import { BIND_UDP_OPTIONS, type BindUdpOptions, udpBinder } from '../core/udp';
import type { UdpSocket } from '../core/UdpSocket';
import { endpointMaker, MESSAGE_OPTIONS, type MessageOptions } from './fromMessageSocket';
import type { MessageEndpoint } from './messages/MessageEndpoint';

/** Where UDP messages come to: as for `bindUdp`. */
export type UdpBindTarget = BindUdpOptions & { path?: undefined };
/** Where local datagrams come to: as for `bindLocalDatagram`. */
export type LocalBindTarget = BindLocalDatagramOptions & { port?: undefined };

/** Validates both arguments together: an option may be given in either. */
const BIND_OPTIONS: OptionNames<MessageOptions & BindUdpOptions & BindLocalDatagramOptions> = {
  ...MESSAGE_OPTIONS,
  ...BIND_UDP_OPTIONS,
  ...BIND_LOCAL_DATAGRAM_OPTIONS,
};

/**
 * Opens a socket for UDP, or for local datagrams where a path is given, and emits it. Cold: subscribing binds,
 * unsubscribing closes. Completes when the socket is closed.
 *
 * An error of the Observable: `EADDRINUSE`, `EACCES` and the like, a `StaleSocketError`.
 *
 * @throws TypeError `ERR_INVALID_ARG_*`
 *
 * @example
 * bind({ port: 7 })
 *   .pipe(
 *     switchMap(({ messages$, send }) =>
 *       messages$.pipe(pacedMap(({ bytes, from }) => send(bytes, from))),
 *     ),
 *   )
 *   .subscribe();
 */
export function bind(
  target: UdpBindTarget,
  options?: MessageOptions,
): Observable<MessageEndpoint<UdpSocket>>;
export function bind(
  target: LocalBindTarget,
  options?: MessageOptions,
): Observable<MessageEndpoint<LocalDatagramSocket>>;
export function bind(
  target: UdpBindTarget | LocalBindTarget,
  options: MessageOptions = {},
): Observable<MessageEndpoint<UdpSocket> | MessageEndpoint<LocalDatagramSocket>> {
  const all = mergedOptions(
    optionsOf<object>('target', target, BIND_OPTIONS),
    optionsOf('options', options, BIND_OPTIONS),
  ) as (UdpBindTarget | LocalBindTarget) & MessageOptions;
  const open: () => UdpSocket | LocalDatagramSocket =
    all.path === undefined ? udpBinder(all) : localDatagramBinder(all);
  const makeEndpoint = endpointMaker(all);
  return new Observable((subscriber) => {
    const socket = open();
    subscriber.add(() => {
      socket.close();
    });
    const completed = {
      delete: () => {
        subscriber.complete();
      },
    };
    socket.joins(completed);
    subscriber.next(makeEndpoint(socket) as MessageEndpoint<UdpSocket>);
  });
}
