import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type ChannelOf, type Published } from '../core/channel';
import { refused } from '../core/refusal';
import { channels, type OfConnection } from '../reactive/connection/channels';
import { LIMITS, type Limits } from './limits';
import { Sample } from './Sample';
import { ShownConnection } from './ShownConnection';
import type { Batch, Mark, MarkKind, Totals } from './wire';

type Counts = { -readonly [Name in keyof Totals]: number };

/**
 * What happens on the connections of this thread, from the diagnostics channels. It is bounded by {@link Limits}: what
 * goes beyond them is counted, and left out. While it does not run, it is subscribed to nothing.
 */
export class Activity {
  readonly #limits: Limits;
  readonly #handlers: readonly Handler[];
  #isRunning = false;
  #counts = noCounts();
  /** In order of their appearance. */
  readonly #shown = new Map<number, ShownConnection>();
  /** The ids of those that have closed, the first first: they make room for others. */
  readonly #closed = new Set<number>();
  /** The ids of open connections that there was no room for. */
  readonly #hidden = new Set<number>();
  readonly #sample: Sample<Mark>;
  #gone: number[] = [];

  constructor(limits: Limits = LIMITS) {
    this.#limits = limits;
    this.#sample = new Sample(limits.marksPerSecond);
    this.#handlers = this.#subscriptions();
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (const [name, onMessage] of this.#handlers) subscribe(name, onMessage);
  }

  /** Forgets everything. */
  stop(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    for (const [name, onMessage] of this.#handlers) unsubscribe(name, onMessage);
    this.#counts = noCounts();
    this.#shown.clear();
    this.#closed.clear();
    this.#hidden.clear();
    this.#take();
  }

  connection(id: number): ShownConnection | undefined {
    return this.#shown.get(id);
  }

  /** All that is shown, for somebody who begins to look. */
  snapshot(): Batch {
    const rows = Array.from(this.#shown.values(), ({ row }) => row);
    return { ...this.#state(), rows, marks: [], gone: [], leftOut: 0 };
  }

  /** What has happened since it was last taken. */
  take(): Batch {
    const changed = [...this.#shown.values()].filter(({ isChanged }) => isChanged);
    for (const each of changed) each.isChanged = false;
    return { ...this.#state(), rows: changed.map(({ row }) => row), ...this.#take() };
  }

  #state(): Pick<Batch, 'time' | 'totals' | 'hidden'> {
    return {
      time: performance.now(),
      totals: { ...this.#counts },
      hidden: this.#hidden.size,
    };
  }

  #take(): Pick<Batch, 'marks' | 'gone' | 'leftOut'> {
    const { items, leftOut } = this.#sample.take();
    const marks = items.filter(([id]) => this.#shown.has(id));
    marks.sort(([, one], [, other]) => one - other);
    const gone = this.#gone;
    this.#gone = [];
    return { marks, gone, leftOut };
  }

  // ---- What the channels tell ----

  #subscriptions(): Handler[] {
    const { open, close, fail, read, queue, write, hold, end } = channels;
    return [
      handler(open, (message) => {
        this.#counts.opened++;
        this.#note(message, 'open', 0);
      }),
      handler(read, (message) => {
        this.#counts.chunksIn++;
        this.#counts.bytesIn += message.bytes;
        this.#note(message, 'in', message.bytes)?.session.add(message.time, 'in', message.chunk);
      }),
      handler(queue, (message) => {
        const { chunk, time } = message;
        const bytes = typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.length;
        this.#counts.chunksOut++;
        this.#counts.bytesOut += bytes;
        this.#note(message, 'out', bytes)?.session.add(time, 'out', chunk);
      }),
      handler(write, (message) => this.#known(message)),
      handler(hold, (message) => {
        const { isHeld, time } = message;
        const shown = this.#known(message) ?? this.#show(message, null);
        if (!isHeld) this.#endHold(shown, time);
        else if (shown) shown.heldAt = time;
      }),
      handler(end, (message) => {
        const { side, isReset, time } = message;
        const shown = this.#note(message, `${side}${isReset ? 'Reset' : 'End'}`, 0);
        shown?.session.end(time, side === 'own' ? 'out' : 'in', isReset ? '#' : '|');
      }),
      handler(close, (message) => {
        const { id, time, error } = message;
        this.#counts.closed++;
        this.#endHold(this.#known(message), time);
        const shown = this.#note(message, error ? 'fail' : 'close', 0);
        shown?.session.close(time, error);
        shown?.close(error);
        if (shown) this.#closed.add(id);
        this.#hidden.delete(id);
      }),
      handler(fail, () => this.#counts.failed++),
      handler(refused, () => this.#counts.refused++),
    ];
  }

  /** Adds a mark. @returns the connection, if it is shown */
  #note(message: OfConnection, kind: MarkKind, bytes: number): ShownConnection | null {
    const { time } = message;
    const isOver = kind === 'close' || kind === 'fail';
    const known = this.#known(message);
    const shown = known ?? (isOver ? null : this.#show(message, kind === 'open' ? time : null));
    if (shown) this.#sample.add(time, [shown.id, time, kind, bytes, shown.queuedBytes]);
    return shown;
  }

  /** Tells a hold as a whole: of two marks one might be left out. */
  #endHold(shown: ShownConnection | null, time: number): void {
    if (!shown || shown.heldAt === null) return;
    const { id, heldAt, queuedBytes } = shown;
    shown.heldAt = null;
    this.#sample.add(time, [id, heldAt, 'held', time - heldAt, queuedBytes]);
  }

  /** A connection that is shown already: something has happened on it. */
  #known({ connection, id }: OfConnection): ShownConnection | null {
    const shown = this.#shown.get(id);
    shown?.look(connection);
    return shown ?? null;
  }

  /** Takes a connection among those that are shown, if there is room or one of them has closed. */
  #show({ connection, id }: OfConnection, openedAt: number | null): ShownConnection | null {
    if (this.#shown.size >= this.#limits.connections && !this.#makeRoom()) {
      this.#hidden.add(id);
      return null;
    }
    this.#hidden.delete(id);
    const shown = new ShownConnection(connection, this.#limits, openedAt);
    this.#shown.set(id, shown);
    return shown;
  }

  #makeRoom(): boolean {
    const [id] = this.#closed;
    if (id === undefined) return false;
    this.#closed.delete(id);
    this.#shown.delete(id);
    this.#gone.push(id);
    return true;
  }
}

type Handler = readonly [name: string | symbol, onMessage: (message: unknown) => void];

function handler<Message extends Published>(
  { name }: ChannelOf<Message>,
  onMessage: (message: Message) => void,
): Handler {
  return [
    name,
    (message) => {
      onMessage(message as Message);
    },
  ];
}

function noCounts(): Counts {
  return {
    ...{ opened: 0, closed: 0, failed: 0, refused: 0 },
    ...{ chunksIn: 0, chunksOut: 0, bytesIn: 0, bytesOut: 0 },
  };
}
