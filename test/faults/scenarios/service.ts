import { setTimeout as pause } from 'node:timers/promises';
import { Subject, type Subscription } from 'rxjs';
import { listen, type ListeningAddress, serve, type ServeOptions } from 'bipoll/reactive';
import { Broken } from '../outcome';
import { pattern } from './bytes';
import { type Loop, loops } from './loops';
import { askEcho, checkServed, type Echoed, within } from './peers';
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
  /** What the service says of its clients. */
  readonly told: Error[] = [];

  constructor(loop: ReturnType<Loop['open']>, { target }: Transport) {
    let onListening!: (address: ListeningAddress) => void;
    const bound = new Promise<ListeningAddress>((resolve) => (onListening = resolve));
    this.over = new Promise<void>((resolve, reject) => {
      this.#subscription = listen(target(), { loop, onListening })
        .pipe(serve((connection) => connection.send(connection.data$), this.#options))
        .subscribe({ error: reject, complete: resolve });
    }).finally(() => (this.isOver = true));
    const never = this.over.then(() => new Promise<never>(() => {}));
    this.listening = Promise.race([bound, never]);
  }

  get #options(): ServeOptions {
    return { stop$: this.#stop$, onError: (error) => this.told.push(error as Error) };
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
  const echoes = await Promise.allSettled([ask(), ask()]);
  await pause(isLasting() ? BEHIND_FAULTS : 0);
  echoes.push(...(await Promise.allSettled([ask()])));
  if (!echoes.slice(-1).every(isWhole)) {
    // The fault may have been that client's own.
    const [next] = await Promise.allSettled([ask()]);
    if (!isWhole(next)) throw new Broken('service died', 'the next client is not served');
  }
  if (service.isOver) throw new Broken('service died', 'it has ended by itself');
  await within(patience, 'the service does not stop', service.stop());
  for (const echo of echoes) {
    if (echo.status === 'rejected') throw echo.reason;
    // A client whose connection has failed may only see its end: the service was told why.
    const { bytes, error } = echo.value;
    if (!isWhole(echo)) checkServed({ bytes, error: error ?? service.told[0] ?? null }, SENT);
  }
}

function isWhole(echo: PromiseSettledResult<Echoed>): boolean {
  return echo.status === 'fulfilled' && echo.value.bytes.length === SENT.length;
}

const isLasting = () => /ms$/.test(process.env['BIPOLL_FAULT'] ?? '');

export const services: readonly Scenario[] = loops.flatMap((loop) =>
  transports.map((transport) => ({
    family: 'reactive service',
    variant: `${transport.name}, ${loop.name}`,
    play: (patience: number) => play(loop, transport, patience),
  })),
);
