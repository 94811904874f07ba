import { checkInstance, checkInteger, type OptionNames, optionsOf } from '../core/argument';
import { SocketClosedError } from '../core/errors';
import { MAX_MESSAGE, RECEIVE_OPTIONS, type ReceiveOptions } from '../core/messages';
import { checkMessageSocket, type MessageSocket } from '../core/messageSockets';
import { EventLoop } from './loop/EventLoop';
import { MessageEndpoint } from './messages/MessageEndpoint';
import { SocketMessages } from './messages/SocketMessages';

/** How messages are received. */
export interface MessageOptions extends ReceiveOptions {
  /** Serves it; by default the thread's own. */
  loop?: EventLoop;
}

export const MESSAGE_OPTIONS: OptionNames<MessageOptions> = { ...RECEIVE_OPTIONS, loop: true };

/**
 * A core socket that carries messages, as Observables. It stays the caller's. Asked again for the same socket it gives the
 * same endpoint, with the options of the first time.
 *
 * @throws SocketClosedError
 *
 * @example
 * using socket = connectUdp({ host: '127.0.0.1', port: 8125 });
 * fromMessageSocket(socket).send('requests:1|c').subscribe();
 */
export function fromMessageSocket<S extends MessageSocket>(
  socket: S,
  options: MessageOptions = {},
): MessageEndpoint<S> {
  checkMessageSocket('socket', socket);
  const own = optionsOf('options', options, MESSAGE_OPTIONS);
  const make = endpointMaker(own);
  if (socket.closed) throw new SocketClosedError('The socket is closed');
  return socket.companion instanceof MessageEndpoint
    ? (socket.companion as MessageEndpoint<S>)
    : make(socket);
}

/** Checks options that were read. @returns what makes an endpoint of a socket */
export function endpointMaker({
  loop,
  maxBytes,
}: MessageOptions): <S extends MessageSocket>(socket: S) => MessageEndpoint<S> {
  if (loop !== undefined) checkInstance('loop', EventLoop, loop);
  if (maxBytes !== undefined) checkInteger('maxBytes', maxBytes, 1, MAX_MESSAGE);
  const receiving = maxBytes === undefined ? {} : { maxBytes };
  return (socket) => {
    const transport = new SocketMessages(socket, loop ?? EventLoop.default, receiving);
    return new MessageEndpoint(transport, socket);
  };
}
