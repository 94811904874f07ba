import type { Subscriber } from 'rxjs';
import type { Backend } from '../core/backend';
import { bitsOf, namesOf, type SocketEvent } from '../core/events';
import type { Token } from '../core/native';
import type { Socket } from '../core/Socket';
import { DrivenPoller, type LoopDriver } from './DrivenPoller';

interface Subscription {
  readonly wanted: number;
  readonly subscriber: Subscriber<readonly SocketEvent[]>;
}

/**
 * The sockets of `poll$`: of these nothing is read or accepted here, only their readiness is told. So they have a
 * poller of their own, in which a socket can be besides.
 */
export class Readiness {
  readonly #driven: DrivenPoller;
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
    this.#driven = new DrivenPoller(backend, driver, () => {
      this.#turn();
    });
  }

  close(): void {
    this.#driven.close();
  }

  /** @returns what ends the subscription */
  watch(
    socket: Socket,
    wanted: number,
    subscriber: Subscriber<readonly SocketEvent[]>,
  ): () => void {
    const { token } = socket;
    const subscription = { wanted, subscriber };
    const subscriptions = this.#subscriptions.get(token) ?? new Set();
    this.#subscriptions.set(token, subscriptions.add(subscription));
    socket.joins(this.#members);
    this.#monitor(socket, subscriptions);
    const holdsLoop = socket.referenced;
    if (holdsLoop) this.#driven.hold();
    return () => {
      if (holdsLoop) this.#driven.release();
      subscriptions.delete(subscription);
      if (subscriptions.size === 0) this.#subscriptions.delete(token);
      if (!socket.closed) this.#monitor(socket, subscriptions);
    };
  }

  #monitor(socket: Socket, subscriptions: ReadonlySet<Subscription>): void {
    const { poller } = this.#driven;
    if (poller.closed) return;
    let wanted = 0;
    for (const each of subscriptions) wanted |= each.wanted;
    if (wanted === 0) {
      poller.unmonitor(socket);
      return;
    }
    poller.monitor(socket, []);
    poller.setMonitoredEvents(socket, namesOf(wanted));
    this.#driven.scheduleLook();
  }

  #turn(): void {
    for (const { socket, events } of this.#driven.poller.wait(0)) {
      if (socket.closed) continue;
      const holding = bitsOf(events, socket.possibleEvents);
      for (const { wanted, subscriber } of [...(this.#subscriptions.get(socket.token) ?? [])]) {
        // If one of them closes the socket, that completes the others.
        if (wanted & holding) subscriber.next(namesOf(wanted & holding));
      }
    }
  }
}
