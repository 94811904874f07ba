import { type Backend, Poller, type Socket, type SocketEvent } from 'bipoll';
import { tellsEndBehindBytes } from '../support/backends';
import { PATIENCE } from '../support/patience';
import type { End } from './End';
import { expectThat } from './Expected';
import type { ServerEnd } from './ServerEnd';

/** What may be monitored: the end of a connection, or a server. */
export type Watched = End | ServerEnd;

const ofTheEnd: readonly SocketEvent[] = ['remoteDisconnected', 'connectionSucceeded'];

/** Whether an event may still be reported although the peer has ended: the end has to cross the loopback interface. */
const heldBeforeTheEnd = (watched: Watched, event: SocketEvent) =>
  event === 'connectionSucceeded' && !watched.isLocal && !watched.events.possible.has(event);

/** A poller on one backend, and what the model knows of it. */
export class Watcher {
  readonly poller: Poller;
  readonly #watched = new Map<Watched, readonly SocketEvent[]>();

  constructor(readonly backend: Backend) {
    this.poller = new Poller({ backend });
  }

  watch(watched: Watched, socket: Socket, events: readonly SocketEvent[]): void {
    if (this.#watched.has(watched)) this.poller.setMonitoredEvents(socket, events);
    else this.poller.monitor(socket, events);
    this.#watched.set(watched, events);
  }

  unwatch(watched: Watched): void {
    if (watched.socket) this.poller.unmonitor(watched.socket);
    this.forget(watched);
  }

  /** Its socket was closed, which takes it out of the poller. */
  forget(watched: Watched): void {
    this.#watched.delete(watched);
  }

  /** Another socket has taken the place of the one that was closed. */
  rewatch(watched: Watched, socket: Socket): void {
    const events = this.#watched.get(watched);
    if (events) this.poller.monitor(socket, events);
  }

  eventsOf(watched: Watched): readonly SocketEvent[] {
    return this.#watched.get(watched) ?? [];
  }

  /** Checks that the poller reports all that holds for sure, and nothing that cannot hold. */
  look(): void {
    const deadline = performance.now() + PATIENCE;
    for (let timeout = 0; ; timeout = 1) {
      const told = this.#wait(timeout);
      const watched = Array.from(this.#watched.keys());
      const missing = watched.flatMap((each) => this.#missing(each, told.get(each) ?? []));
      const outdated = watched.flatMap((each) => this.#outdated(each, told.get(each) ?? []));
      if (missing.length + outdated.length === 0) return;
      // What crossed the loopback interface may need a moment.
      expectThat(
        performance.now() < deadline,
        `${this.backend} does not report ${missing.join()}, and still reports ${outdated.join()}`,
      );
    }
  }

  #outdated(watched: Watched, told: readonly SocketEvent[]): string[] {
    const stays = this.#doubtful(watched);
    return told
      .filter((event) => !stays && heldBeforeTheEnd(watched, event))
      .map((event) => `${event} of ${watched.number}`);
  }

  #missing(watched: Watched, told: readonly SocketEvent[]): string[] {
    const certain = this.#doubtful(watched) ? new Set<SocketEvent>() : watched.events.certain;
    return this.eventsOf(watched)
      .filter((event) => certain.has(event) && !told.includes(event))
      .map((event) => `${event} of ${watched.number}`);
  }

  /** Whether this backend may tell of the end only when the bytes before it are read. */
  #doubtful(watched: Watched): boolean {
    return !tellsEndBehindBytes(this.backend) && watched.events.certain.has('dataAvailable');
  }

  #wait(timeout: number): Map<Watched, readonly SocketEvent[]> {
    const bySocket = new Map(Array.from(this.#watched.keys(), (each) => [each.socket, each]));
    const told = new Map<Watched, readonly SocketEvent[]>();
    for (const { socket, events } of this.poller.wait(timeout)) {
      const watched = bySocket.get(socket as never);
      expectThat(watched !== undefined, `${this.backend} reports a socket that nobody monitors`);
      const { possible } = watched.events;
      for (const event of events) {
        const isPossible =
          possible.has(event) ||
          heldBeforeTheEnd(watched, event) ||
          (this.#doubtful(watched) && ofTheEnd.includes(event));
        const isAsked = this.eventsOf(watched).includes(event);
        expectThat(isPossible && isAsked, `${this.backend} reports ${event} of ${watched.number}`);
      }
      told.set(watched, events);
    }
    return told;
  }
}
