import { Observable } from 'rxjs';
import { type OptionNames, optionsOf } from '../core/argument';
import { type Authorize, checkAuthorize } from '../core/authorize';
import type { LocalPacketServer } from '../core/LocalPacketServer';
import type { LocalPacketSocket } from '../core/LocalPacketSocket';
import { endpointMaker, MESSAGE_OPTIONS, type MessageOptions } from './fromMessageSocket';
import { EventLoop } from './loop/EventLoop';
import { checkMaxConnections, MAX_CONNECTIONS } from './maxConnections';
import type { MessageEndpoint } from './messages/MessageEndpoint';
import { PacketListener, type PacketListenerSettings } from './messages/PacketListener';

/** How connections that carry packets are accepted, and their packets received. */
export interface PacketServerOptions extends MessageOptions {
  /** How many connections may be open at a time; others wait in the backlog. 10,000 by default. */
  maxConnections?: number;
  /** Who may connect, as for `listen`; everybody by default. */
  authorize?: Authorize;
}

export const PACKET_SERVER_OPTIONS: OptionNames<PacketServerOptions> = {
  ...MESSAGE_OPTIONS,
  maxConnections: true,
  authorize: true,
};

/** The connections of a server of packets: {@link fromServer} of one. */
export function fromPacketServer(
  server: LocalPacketServer,
  options: PacketServerOptions,
): Observable<MessageEndpoint<LocalPacketSocket>> {
  const settings = packetListenerSettings(optionsOf('options', options, PACKET_SERVER_OPTIONS));
  return new Observable((subscriber) => {
    const listener = new PacketListener(server, settings(), subscriber);
    return () => {
      listener.close();
    };
  });
}

/** Checks options that were read. @returns what gives the settings of a subscription */
export function packetListenerSettings(options: PacketServerOptions): () => PacketListenerSettings {
  const { loop, maxConnections = MAX_CONNECTIONS, authorize } = options;
  const checked = {
    makeEndpoint: endpointMaker(options),
    maxConnections: checkMaxConnections(maxConnections),
    authorize: checkAuthorize(authorize, true),
  };
  return () => ({ ...checked, loop: loop ?? EventLoop.default });
}
