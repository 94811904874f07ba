import type { Descriptor } from '../../core/Descriptor';
import { errorOfCode } from '../../core/errors';
import { END, type Failure, native } from '../../core/native';
import { Claim } from '../../core/Socket';
import type { StreamSocket } from '../../core/StreamSocket';
import { type Ends, NO_ENDS } from '../connection/Ends';
import type { Chunk } from '../connection/Transport';
import { Demand, type OtherKind, RecordKind } from './records';
import { StreamTransport } from './StreamTransport';

/** The transport of a connection over a descriptor, which may be open for one direction alone. */
export class DescriptorTransport extends StreamTransport<Descriptor> {
  readonly #canRead = this.stream.access !== 'write';

  get socket(): StreamSocket {
    throw errorOfCode('ENOTSOCK', 'socket'); // whoever made the connection has the descriptor
  }

  get ends(): Ends {
    return NO_ENDS;
  }

  get passesDescriptors(): boolean {
    return false;
  }

  /** Being readable is not enough: the end and a failure count as that, too. */
  get dataAvailable(): boolean {
    if (!this.#canRead) return false;
    if (this.unread.length > 0) return true;
    const got = native.read(this.token, Buffer.alloc(1), 0, 1, true);
    // Only a socket shows its bytes; of anything else the engine says by ENOTSOCK that there are some.
    return got > 0 || (got !== END && got < 0 && native.errorName(got) === 'ENOTSOCK');
  }

  /** Where nothing can be read, a reader waits for the end: the other side is gone, or we have ended ours. */
  override want(demand: number): void {
    const isForEnd = !this.#canRead && (demand & Demand.Bytes) !== 0;
    super.want(isForEnd ? (demand & ~Demand.Bytes) | Demand.PeerEnd : demand);
  }

  /** @throws SocketError `EBADF`: it was opened for reading alone */
  override send(chunk: Chunk): number {
    this.stream.checkAccess(Claim.Writing);
    return super.send(chunk);
  }

  override onRecord(kind: OtherKind, value: Failure): void {
    // Only a socket has a half-close. The other end of anything else learns of our end when we close.
    super.onRecord(kind, kind === RecordKind.Ended ? 0 : value);
    if (!this.#canRead && kind !== RecordKind.Sent) this.events.onEnd(null);
  }

  resetOnClose(): void {
    // Only TCP streams have a reset.
  }
}
