import { Observable, type Subscriber } from 'rxjs';
import { closeEach } from '../../core/AttachedDescriptors';
import { errorOfCode, SocketBusyError } from '../../core/errors';
import type { Socket } from '../../core/Socket';
import { Origin } from '../pacing/Origin';
import type { Reading } from './Reading';
import type { ReadingOwner } from './ReadingOwner';

/** The subscriber of a connection's `descriptors$`: one at a time. While there is none, descriptors are closed. */
export class DescriptorReader {
  readonly descriptors$: Observable<Socket>;
  /** Lets operators hold back the connection that the descriptors come over. */
  readonly #origin: Origin;
  #subscriber: Subscriber<Socket> | null = null;
  #isOver = false;

  /** @param arePassed whether there can be any */
  constructor(owner: ReadingOwner, reading: Reading, arePassed: boolean) {
    this.#origin = new Origin(reading);
    this.descriptors$ = new Observable((subscriber) => {
      if (arePassed) return this.#subscribe(owner, subscriber);
      subscriber.error(errorOfCode('ENOTSUP', 'recvmsg'));
      return undefined;
    });
  }

  #subscribe(owner: ReadingOwner, subscriber: Subscriber<Socket>): (() => void) | undefined {
    if (this.#isOver) {
      subscriber.complete();
      return undefined;
    }
    if (this.#subscriber) {
      subscriber.error(new SocketBusyError('descriptors$ has a subscriber already'));
      return undefined;
    }
    this.#subscriber = subscriber;
    owner.enter();
    return () => {
      this.#subscriber = null;
      owner.leave();
    };
  }

  get hasSubscriber(): boolean {
    return this.#subscriber !== null;
  }

  /** Emits them, and closes those that nobody takes: the subscriber may leave after any of them. */
  emit(descriptors: readonly Socket[]): void {
    for (const [index, descriptor] of descriptors.entries()) {
      if (!this.#subscriber) {
        closeEach(descriptors.slice(index));
        return;
      }
      this.#origin.emit(this.#subscriber, descriptor);
    }
  }

  /** No more will come. */
  complete(): void {
    this.#isOver = true;
    this.#subscriber?.complete();
  }
}
