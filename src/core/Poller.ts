import type { InspectOptionsStylized } from 'node:util';
import { checkInstance, checkTimeout, invalidValue, type OptionNames, optionsOf } from './argument';
import { chooseBackend, type Backend } from './backend';
import { orThrow, SocketClosedError } from './errors';
import { bitsOf, type EventsOf, namesOf, type SocketEvent } from './events';
import { INSPECT, shown } from './inspection';
import { MAX_OCCURRENCES, native, type Token } from './native';
import { guardReceiver } from './receiver';
import { Socket } from './Socket';
import { wake, type Waker } from './waker';
import { sendAllStaged } from './staged';
import { BELONGS_TO_ITS_THREAD } from './unclonable';

/** A socket, and which of its monitored events hold. */
export interface Occurrence {
  readonly socket: Socket;
  readonly events: readonly SocketEvent[];
}

/** @see Poller */
export interface PollerOptions {
  /** By default that of the environment's `BIPOLL_BACKEND`, else the platform's best. */
  backend?: Backend;
}

const POLLER_OPTIONS: OptionNames<PollerOptions> = { backend: true };

const POLLER_MEMBERS = [
  'closed',
  'monitoredSockets',
  'monitor',
  'unmonitor',
  'monitoredEvents',
  'setMonitoredEvents',
  'wait',
  'wake',
  'close',
] as const;

interface Watch {
  readonly socket: Socket;
  events: number;
}

const forgotten = new FinalizationRegistry<Token>((token) => {
  native.closePoller(token);
});

/**
 * Waits for many sockets at once. A wait costs in proportion to the active sockets, not to the monitored ones.
 *
 * @example
 * using poller = new Poller();
 * poller.monitor(server, 'connectionAvailable');
 * for (const { socket } of poller.wait(1000)) handle(socket);
 */
export class Poller {
  /** @internal */
  readonly thread = BELONGS_TO_ITS_THREAD;

  /** The mechanism in use. */
  readonly backend: Backend;
  /** Ends a wait from any thread, through `wake(waker)`. */
  readonly waker: Waker;

  #token: Token;
  readonly #watches = new Map<Token, Watch>();
  readonly #pairs = new Float64Array(2 * MAX_OCCURRENCES);

  constructor(options: PollerOptions = {}) {
    this.backend = chooseBackend(optionsOf('options', options, POLLER_OPTIONS).backend);
    this.#token = orThrow(native.openPoller(this.backend), this.backend);
    this.waker = Object.freeze({ waker: native.pollerWaker(this.#token) });
    forgotten.register(this, this.#token, this);
  }

  /** Names the open poller to the engine. @internal */
  get token(): Token {
    return this.#open();
  }

  /** Whether `close()` was called. */
  get closed(): boolean {
    return this.#token === 0;
  }

  /** The sockets that it monitors. */
  get monitoredSockets(): Socket[] {
    return Array.from(this.#watches.values(), ({ socket }) => socket);
  }

  /** Monitors a socket for events; adds them to those that it is monitored for already. */
  monitor<S extends Socket>(socket: S, events: EventsOf<S>): void {
    const watch = this.#watches.get(this.#check(socket));
    this.#set(socket, (watch?.events ?? 0) | bitsOf(events, socket.possibleEvents));
  }

  /** Stops monitoring a socket. Does nothing if it is not monitored, or closed. */
  unmonitor(socket: Socket): void {
    checkInstance('socket', Socket, socket);
    const poller = this.#open();
    if (socket.closed || !this.#watches.delete(socket.token)) return;
    socket.leaves(this.#watches);
    orThrow(native.unmonitor(poller, socket.token), this.backend);
  }

  /** The events a socket is monitored for; none if it is not. */
  monitoredEvents(socket: Socket): readonly SocketEvent[] {
    checkInstance('socket', Socket, socket);
    const watch = socket.closed ? undefined : this.#watches.get(socket.token);
    return namesOf(watch?.events ?? 0);
  }

  /** Replaces the events of a monitored socket. */
  setMonitoredEvents<S extends Socket>(socket: S, events: EventsOf<S>): void {
    if (!this.#watches.has(this.#check(socket))) {
      throw invalidValue('socket', 'must be monitored by this poller', socket);
    }
    this.#set(socket, bitsOf(events, socket.possibleEvents));
  }

  /**
   * Waits until a monitored event holds.
   *
   * @param timeout milliseconds; `0` looks and does not wait, `Infinity` waits for ever
   * @returns the sockets whose events hold, at most 1024 at once, in fair turns; none at the deadline, and
   *   early after `wake()` or a signal, even one that came before the wait: each ends one wait. To let the signal's
   *   handler run, go back to the event loop
   */
  wait(timeout: number): Occurrence[] {
    checkTimeout('timeout', timeout);
    const pairs = this.#pairs;
    sendAllStaged();
    const count = orThrow(native.wait(this.#open(), timeout, pairs), this.backend);
    const occurrences: Occurrence[] = [];
    for (let i = 0; i < 2 * count; i += 2) {
      const watch = this.#watches.get(pairs[i]!);
      if (watch) occurrences.push({ socket: watch.socket, events: namesOf(pairs[i + 1]!) });
    }
    return occurrences;
  }

  /** Ends the present or the next wait. From another thread use `wake(poller.waker)`. */
  wake(): void {
    this.#open();
    wake(this.waker);
  }

  /** Closes it; the sockets stay open. Closing twice does nothing. */
  close(): void {
    if (this.closed) return;
    const token = this.#token;
    this.#token = 0;
    for (const { socket } of this.#watches.values()) socket.leaves(this.#watches);
    this.#watches.clear();
    forgotten.unregister(this);
    native.closePoller(token);
  }

  /** As `close()`, for `using poller = ...`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  [INSPECT](depth: number, options: InspectOptionsStylized): string {
    const { backend } = this;
    const state = this.closed ? 'closed' : 'open';
    return shown(
      'Poller',
      { backend, state, monitoredSockets: this.#watches.size },
      depth,
      options,
    );
  }

  #open(): Token {
    if (this.#token === 0) throw new SocketClosedError('The poller is closed');
    return this.#token;
  }

  #check(socket: unknown): Token {
    const { token } = checkInstance('socket', Socket, socket);
    this.#open();
    return token;
  }

  static {
    guardReceiver(Poller, 'Poller', POLLER_MEMBERS, (value) => #token in value);
  }

  #set(socket: Socket, events: number): void {
    const { token } = socket;
    orThrow(native.monitor(this.#open(), token, events), this.backend);
    const watch = this.#watches.get(token);
    if (watch) {
      watch.events = events;
      return;
    }
    this.#watches.set(token, { socket, events });
    socket.joins(this.#watches);
  }
}
