import { setTimeout as pause } from 'node:timers/promises';
import { Subject, type Subscription } from 'rxjs';
import { listen, type ListeningAddress, serve } from 'bipoll/reactive';
import { Broken } from '../outcome';
import { pattern } from './bytes';
import { type Loop, loops } from './loops';
import { askEcho, checkServed, within } from './peers';
import type { Scenario } from './Scenario';
import { type Transport, transports } from './targets';

const SENT = pattern(50_000);
/** Milliseconds in which a fault that lasts is over. */
const BEHIND_FAULTS = 200;

/** A service that echoes. */
class Service implements Disposable {
  readonly #stop$ = new Subject<void>();
  #subscription: Subscription | null = null;
  readonly listening: Promise<ListeningAddress>;
  readonly over: Promise<void>;
  isOver = false;

  constructor(loop: ReturnType<Loop['open']>, { target }: Transport) {
    let onListening!: (address: ListeningAddress) => void;
    const bound = new Promise<ListeningAddress>((resolve) => (onListening = resolve));
    this.over = new Promise<void>((resolve, reject) => {
      this.#subscription = listen(target(), { loop, onListening })
        .pipe(serve((connection) => connection.send(connection.data$), { stop$: this.#stop$ }))
        .subscribe({ error: reject, complete: resolve });
    }).finally(() => (this.isOver = true));
    const never = this.over.then(() => new Promise<never>(() => {}));
    this.listening = Promise.race([bound, never]);
  }

  [Symbol.dispose](): void {
    this.#subscription?.unsubscribe();
  }

  stop(): Promise<void> {
    this.#stop$.next();
    return this.over;
  }
}

async function play(loop: Loop, transport: Transport, patience: number): Promise<void> {
  using opened = loop.open();
  using service = new Service(opened, transport);
  service.over.catch(() => {}); // `listening` says it, or the check below
  const target = await within(patience, 'the listener is not told of', service.listening);
  const ask = () => askEcho(target, SENT, patience);
  const outcomes = await Promise.allSettled([ask(), ask()]);
  await pause(isLasting() ? BEHIND_FAULTS : 0);
  try {
    checkServed(await ask(), SENT);
  } catch (error) {
    throw new Broken('service died', `the next client: ${String(error)}`);
  }
  if (service.isOver) throw new Broken('service died', 'it has ended by itself');
  await within(patience, 'the service does not stop', service.stop());
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') throw outcome.reason;
    checkServed(outcome.value, SENT);
  }
}

const isLasting = () => /ms$/.test(process.env['BIPOLL_FAULT'] ?? '');

export const services: readonly Scenario[] = loops.flatMap((loop) =>
  transports.map((transport) => ({
    family: 'reactive service',
    variant: `${transport.name}, ${loop.name}`,
    play: (patience: number) => play(loop, transport, patience),
  })),
);
