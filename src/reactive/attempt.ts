import { Observable, type Subscriber } from 'rxjs';
import { socketError } from '../core/errors';
import type { StreamSocket } from '../core/StreamSocket';
import type { Context } from './loop/Context';
import type { EventLoop } from './loop/EventLoop';
import { Demand, type OtherKind, RecordKind } from './loop/records';
import { Watch } from './loop/Watch';

/**
 * One attempt to connect. Emits the stream once it is connected: it belongs to the subscriber then. Unsubscribing
 * before that closes it.
 */
export function attempt<Stream extends StreamSocket>(
  begin: () => Stream,
  loop: EventLoop,
  context: Context,
): Observable<Stream> {
  return new Observable((subscriber) => {
    const connecting = new Connecting(begin(), loop, context, subscriber);
    loop.holdProcess();
    subscriber.add(() => {
      loop.releaseProcess();
      connecting.leave();
      if (!connecting.hasSucceeded) connecting.stream.close();
    });
    connecting.want(Demand.Outcome);
  });
}

class Connecting<Stream extends StreamSocket> extends Watch {
  hasSucceeded = false;

  constructor(
    readonly stream: Stream,
    loop: EventLoop,
    context: Context,
    readonly subscriber: Subscriber<Stream>,
  ) {
    super(loop, stream.token, context, false);
  }

  override onBytes(): void {
    // Nothing is read here, so no bytes arrive.
  }

  override onRecord(kind: OtherKind, failure: number): void {
    if (kind !== RecordKind.Outcome) return;
    if (failure < 0) {
      this.subscriber.error(socketError(failure, 'connect', this.stream.where));
      return;
    }
    this.hasSucceeded = true;
    this.leave();
    this.subscriber.next(this.stream);
    this.subscriber.complete();
  }

  override onFailure(error: Error): void {
    this.subscriber.error(error);
  }
}
