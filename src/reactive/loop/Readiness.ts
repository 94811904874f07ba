import type { Subscriber } from 'rxjs';
import { invalidValue } from '../../core/argument';
import type { Backend } from '../../core/backend';
import { bitsOf, namesOf, type SocketEvent } from '../../core/events';
import { native, type Token } from '../../core/native';
import { Poller } from '../../core/Poller';
import type { Socket } from '../../core/Socket';
import { Context } from './Context';
import { Driver, type LoopDriver } from './Driver';

interface Subscription {
  /** That of whoever subscribed. */
  readonly context: Context;
  readonly wanted: number;
  readonly subscriber: Subscriber<readonly SocketEvent[]>;
}

/**
 * The sockets of `poll$`: of these nothing is read or accepted here, only their readiness is told. So they have a
 * poller of their own, in which a socket can be besides.
 */
export class Readiness {
  readonly #poller: Poller;
  readonly #driver: Driver;
  readonly #subscriptions = new Map<Token, Set<Subscription>>();
  /** What closing a socket takes it out of. */
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
    const opened = Driver.open(
      {
        open: (name, onReady) => native.openPollerLoop(poller.token, name, onReady),
        nextLook: () => native.nextPollerLook(poller.token),
        onTurn: () => {
          this.#turn();
        },
      },
      driver,
    );
    if (!opened) {
      poller.close();
      throw invalidValue('driver', `must be one that can watch ${backend}`, driver);
    }
    this.#driver = opened;
  }

  close(): void {
    this.#driver.close();
    this.#poller.close();
  }

  /** @returns what ends the subscription */
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
    this.#monitor(socket, subscriptions);
    const holdsLoop = socket.referenced;
    if (holdsLoop) this.#driver.hold();
    return () => {
      if (holdsLoop) this.#driver.release();
      subscriptions.delete(subscription);
      if (subscriptions.size === 0) this.#subscriptions.delete(token);
      if (!socket.closed) this.#monitor(socket, subscriptions);
    };
  }

  #monitor(socket: Socket, subscriptions: ReadonlySet<Subscription>): void {
    const poller = this.#poller;
    if (poller.closed) return;
    let wanted = 0;
    for (const each of subscriptions) wanted |= each.wanted;
    if (wanted === 0) {
      poller.unmonitor(socket);
      return;
    }
    poller.monitor(socket, []);
    poller.setMonitoredEvents(socket, namesOf(wanted));
    this.#driver.scheduleLook();
  }

  #turn(): void {
    for (const { socket, events } of this.#poller.wait(0)) {
      if (socket.closed) continue;
      const holding = bitsOf(events, socket.possibleEvents);
      for (const { context, wanted, subscriber } of [
        ...(this.#subscriptions.get(socket.token) ?? []),
      ]) {
        // If one of them closes the socket, that completes the others.
        if (wanted & holding) context.run(emit, subscriber, namesOf(wanted & holding));
      }
    }
  }
}

function emit(
  subscriber: Subscriber<readonly SocketEvent[]>,
  events: readonly SocketEvent[],
): void {
  subscriber.next(events);
}
