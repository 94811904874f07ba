import type { Subscriber } from 'rxjs';
import type { Backend } from '../../core/backend';
import type { SocketError } from '../../core/errors';
import { bitsOf, namesOf, type SocketEvent } from '../../core/events';
import { native, type Token } from '../../core/native';
import { type Occurrence, Poller } from '../../core/Poller';
import type { Socket } from '../../core/Socket';
import { Context } from './Context';
import { Driver, type LoopDriver } from './Driver';

interface Subscription {
  /** The context of the subscriber. */
  readonly context: Context;
  readonly wanted: number;
  readonly subscriber: Subscriber<readonly SocketEvent[]>;
}

/**
 * Reports the readiness of sockets without reading or accepting. It has a poller of its own, so that a socket may be in
 * the pump as well.
 */
export class Readiness {
  readonly #poller: Poller;
  readonly #driver: Driver;
  readonly #subscriptions = new Map<Token, Set<Subscription>>();
  /** Closing a socket removes it from this. */
  readonly #members = {
    delete: (token: Token): void => {
      const subscriptions = this.#subscriptions.get(token) ?? [];
      this.#subscriptions.delete(token);
      for (const { subscriber } of subscriptions) subscriber.complete();
    },
  };

  constructor(backend: Backend, driver: LoopDriver) {
    const poller = new Poller({ backend });
    this.#poller = poller;
    const driven = {
      open: (name: LoopDriver, onReady: () => void) =>
        native.openPollerLoop(poller.token, name, onReady),
      nextLook: () => native.nextPollerLook(poller.token),
      onTurn: () => {
        this.#turn();
      },
    };
    try {
      this.#driver = Driver.open(driven, backend, driver);
    } catch (error) {
      poller.close();
      throw error;
    }
  }

  close(): void {
    this.#driver.close();
    this.#poller.close();
  }

  /**
   * @returns the teardown of the subscription
   * @throws SocketError such as `ENOSPC`: it cannot be watched
   */
  watch(
    socket: Socket,
    wanted: number,
    subscriber: Subscriber<readonly SocketEvent[]>,
  ): () => void {
    const { token } = socket;
    const subscription = { context: new Context(), wanted, subscriber };
    const subscriptions = this.#subscriptions.get(token) ?? new Set();
    this.#subscriptions.set(token, subscriptions.add(subscription));
    socket.joins(this.#members);
    const leave = () => {
      subscriptions.delete(subscription);
      if (subscriptions.size === 0) this.#subscriptions.delete(token);
      this.#monitorLess(socket, subscriptions);
    };
    try {
      this.#monitor(socket, subscriptions);
    } catch (error) {
      leave();
      throw error;
    }
    const holdsProcess = socket.referenced;
    if (holdsProcess) this.#driver.holdProcess();
    return () => {
      if (holdsProcess) this.#driver.releaseProcess();
      leave();
    };
  }

  #monitor(socket: Socket, subscriptions: ReadonlySet<Subscription>): void {
    const poller = this.#poller;
    if (poller.closed) return;
    let wanted = 0;
    for (const each of subscriptions) wanted |= each.wanted;
    poller.monitor(socket, []);
    poller.setMonitoredEvents(socket, namesOf(wanted));
    this.#driver.scheduleLook();
  }

  #monitorLess(socket: Socket, subscriptions: ReadonlySet<Subscription>): void {
    if (this.#poller.closed || socket.closed) return;
    if (subscriptions.size === 0) {
      this.#poller.unmonitor(socket);
      return;
    }
    try {
      this.#monitor(socket, subscriptions);
    } catch {
      // The socket stays watched for more than is wanted; the surplus is not reported.
    }
  }

  #turn(): void {
    for (const { socket, events } of this.#wait()) {
      if (socket.closed) continue;
      const holding = bitsOf(events, socket.possibleEvents);
      for (const { context, wanted, subscriber } of [
        ...(this.#subscriptions.get(socket.token) ?? []),
      ]) {
        // If one subscriber closes the socket, that completes the others.
        if (wanted & holding) context.run(emit, subscriber, namesOf(wanted & holding));
      }
    }
  }

  #wait(): readonly Occurrence[] {
    try {
      return this.#poller.wait(0);
    } catch (error) {
      if (!this.#driver.triesAgainAfter(error as SocketError)) this.#failAll(error);
      return [];
    }
  }

  #failAll(error: unknown): void {
    const all = [...this.#subscriptions.values()].flatMap((each) => [...each]);
    for (const { context, subscriber } of all) context.run(fail, subscriber, error);
  }
}

function fail(subscriber: Subscriber<unknown>, error: unknown): void {
  subscriber.error(error);
}

function emit(
  subscriber: Subscriber<readonly SocketEvent[]>,
  events: readonly SocketEvent[],
): void {
  subscriber.next(events);
}
