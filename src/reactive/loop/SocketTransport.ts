import { bitOf } from '../../core/events';
import { LocalStream } from '../../core/LocalStream';
import { native } from '../../core/native';
import type { StreamSocket } from '../../core/StreamSocket';
import { type Ends, endsOf } from '../connection/Ends';
import { StreamTransport } from './StreamTransport';

const DATA_AVAILABLE = bitOf('dataAvailable');

/** The transport of a connection over a core stream. */
export class SocketTransport extends StreamTransport<StreamSocket> {
  get socket(): StreamSocket {
    return this.stream;
  }

  get ends(): Ends {
    return endsOf(this.stream);
  }

  get passesDescriptors(): boolean {
    return this.stream instanceof LocalStream && native.features().descriptorPassing;
  }

  get dataAvailable(): boolean {
    return native.holds(this.token, DATA_AVAILABLE) !== 0;
  }

  resetOnClose(): void {
    this.stream.resetOnClose();
  }
}
