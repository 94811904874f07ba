import type { Token } from './native';
import { Server } from './Server';
import type { StreamSocket } from './StreamSocket';

/** A server whose connections carry a stream of bytes each way. */
export abstract class StreamServer extends Server {
  abstract override accept(): StreamSocket;

  /** The stream of a connection that was accepted. @internal */
  abstract streamOf(token: Token): StreamSocket;
}
