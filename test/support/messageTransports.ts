import {
  bindLocalDatagram,
  bindUdp,
  capabilities,
  connectLocalDatagram,
  connectLocalPackets,
  connectUdp,
  listenLocalPackets,
  LocalDatagramSocket,
  type LocalPacketSocket,
  type Message,
  UdpSocket,
} from 'bipoll';
import { accept } from 'bipoll/sync';
import { freshPath } from './freshPath';
import { PATIENCE } from './patience';

export type AnyMessageSocket = UdpSocket | LocalDatagramSocket | LocalPacketSocket;

/** A kind of socket for messages that the same tests run over. */
export interface MessageTransport {
  readonly name: string;
  /** Whether a socket hears that its peer was closed. */
  readonly hasEnd: boolean;
  /** Whether a receiver without room holds the sender back; if not, messages are dropped. */
  readonly holdsBack: boolean;
  /** Two sockets: the first is connected to the second, and has an address for answers. */
  pair(): [client: AnyMessageSocket, server: AnyMessageSocket];
}

function udp(name: string, host: string): MessageTransport {
  return {
    name,
    hasEnd: false,
    holdsBack: false,
    pair() {
      const server = bindUdp({ host });
      return [connectUdp({ host, port: server.localPort! }), server];
    },
  };
}

function localDatagram(name: string, path: () => string): MessageTransport {
  return {
    name,
    hasEnd: false,
    holdsBack: true,
    pair() {
      const server = bindLocalDatagram({ path: path() });
      return [connectLocalDatagram({ path: server.path, localPath: path() }), server];
    },
  };
}

function localPackets(name: string, path: () => string): MessageTransport {
  return {
    name,
    hasEnd: true,
    holdsBack: true,
    pair() {
      using server = listenLocalPackets({ path: path() });
      const client = connectLocalPackets({ path: server.path });
      return [client, accept(server, { timeout: PATIENCE })];
    },
  };
}

const abstractPath = () => `\0${freshPath()}`;
const { abstractNames, localDatagrams, localPackets: hasPackets } = capabilities().features;

/** All that this system has. */
export const messageTransports: readonly MessageTransport[] = [
  udp('UDP over IPv4', '127.0.0.1'),
  udp('UDP over IPv6', '::1'),
  ...(localDatagrams ? [localDatagram('local datagrams', freshPath)] : []),
  ...(localDatagrams && abstractNames
    ? [localDatagram('local datagrams with abstract names', abstractPath)]
    : []),
  ...(hasPackets ? [localPackets('local packets', freshPath)] : []),
  ...(hasPackets && abstractNames
    ? [localPackets('local packets with abstract names', abstractPath)]
    : []),
];

/** A pair of a transport that is closed at the end of a block. */
export class MessagePair {
  readonly client: AnyMessageSocket;
  readonly server: AnyMessageSocket;

  constructor(transport: MessageTransport) {
    [this.client, this.server] = transport.pair();
  }

  /** Answers a message of the client. */
  answer(message: Message, bytes: Uint8Array): boolean {
    const { server } = this;
    if (server instanceof UdpSocket) return server.send(bytes, message.from as never);
    if (server instanceof LocalDatagramSocket) return server.send(bytes, message.from as never);
    return server.send(bytes);
  }

  [Symbol.dispose](): void {
    this.client.close();
    this.server.close();
  }
}
