import { Observable } from 'rxjs';
import { mergedOptions, type OptionNames, optionsOf } from '../core/argument';
import { LISTEN_LOCAL_OPTIONS, type ListenLocalOptions } from '../core/local';
import { localPacketBinder } from '../core/localPackets';
import type { LocalPacketSocket } from '../core/LocalPacketSocket';
import {
  PACKET_SERVER_OPTIONS,
  packetListenerSettings,
  type PacketServerOptions,
} from './fromPacketServer';
import type { MessageEndpoint } from './messages/MessageEndpoint';
import { PacketListener } from './messages/PacketListener';

/** Validates both arguments together: an option may be given in either. */
const LISTEN_PACKETS_OPTIONS: OptionNames<PacketServerOptions & ListenLocalOptions> = {
  ...PACKET_SERVER_OPTIONS,
  ...LISTEN_LOCAL_OPTIONS,
};

/**
 * Listens at a path for connections that carry packets, and emits them. Cold: subscribing binds, unsubscribing closes the
 * server. The connections that are read go on until they are not any more; any other is closed.
 *
 * A connection is closed once its `messages$` is over, be it by the peer's end or an error, and what was sent by then is
 * sent. Within `pacedMap` the end comes behind the work on the last packet. One that is not read to its end is to be
 * closed by its receiver.
 *
 * An error of the Observable: `EADDRINUSE`, `EACCES` and the like, a `StaleSocketError`; `ENOTSUP` or `EPROTONOSUPPORT`:
 * there are no packets on this system.
 *
 * @throws TypeError `ERR_INVALID_ARG_*`
 *
 * @example
 * listenPackets({ path: '/run/user/1000/echo.seq' })
 *   .pipe(mergeMap(({ messages$, send }) => messages$.pipe(pacedMap(({ bytes }) => send(bytes)))))
 *   .subscribe();
 */
export function listenPackets(
  target: ListenLocalOptions,
  options: PacketServerOptions = {},
): Observable<MessageEndpoint<LocalPacketSocket>> {
  const all = mergedOptions(
    optionsOf<object>('target', target, LISTEN_PACKETS_OPTIONS),
    optionsOf('options', options, LISTEN_PACKETS_OPTIONS),
  ) as ListenLocalOptions & PacketServerOptions;
  const bind = localPacketBinder(all);
  const settings = packetListenerSettings(all);
  return new Observable((subscriber) => {
    const server = bind();
    subscriber.add(() => {
      server.close();
    });
    const listener = new PacketListener(server, settings(), subscriber);
    subscriber.add(() => {
      listener.close();
    });
  });
}
