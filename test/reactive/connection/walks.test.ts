import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { config, Observable, type Subscription, VirtualTimeScheduler } from 'rxjs';
import { connectionSettings } from '../../../src/reactive/connection/options';
import { StreamConnection } from '../../../src/reactive/connection/StreamConnection';
import { Demand } from '../../../src/reactive/loop/records';
import { acceptor } from '../../support/acceptor';
import { ScriptedTransport } from '../../support/ScriptedTransport';
import { sequence } from '../../support/strange';

const WALKS = 3000;
const STEPS = 60;
/** How deep calls from within callbacks may go. */
const MOST_DEPTH = 3;

const failure = new Error('the system refused it');

/** Something that is subscribed to the connection, and what it was told. */
interface Listening {
  readonly kind: 'data$' | 'closed$' | 'writable$' | 'send';
  subscription: Subscription | null;
  values: number;
  /** Whether it was completed, or given an error. */
  isOver: boolean;
  /** Whether it left by itself. */
  hasLeft: boolean;
  /** Whether the connection was closed when it came. */
  readonly isLate: boolean;
}

/** One connection, to which one thing after the other happens at random. What has to hold is checked after each. */
class Walk {
  readonly steps: string[] = [];
  readonly #next: (limit: number) => number;
  readonly #time = new VirtualTimeScheduler(undefined, 0);
  readonly #transport = new ScriptedTransport();
  readonly #connection: StreamConnection;
  readonly #listening: Listening[] = [];
  #depth = 0;
  #holds = 0;
  /** Bytes are numbered, so that whoever reads sees which of them are missing, or out of order. */
  #arrived = 0;
  #delivered = 0;
  #hasEnded = false;
  #closes = 0;
  #mistake: Error | null = null;

  constructor(seed: number) {
    this.#next = sequence(seed);
    this.#connection = new StreamConnection(
      this.#transport,
      connectionSettings({
        highWaterMark: 8,
        maxQueueBytes: 32,
        allowHalfOpen: this.#maybe(),
        idleTimeout: this.#maybe() ? 50 : Infinity,
        closeTimeout: 20,
        scheduler: this.#time,
      }),
      null,
    );
    if (this.#maybe()) this.#connection.accept(acceptor(() => this.#closes++));
    else this.#closes = NaN;
  }

  run(): void {
    for (let step = 0; step < STEPS; step++) {
      this.#happen();
      this.#check();
    }
    this.#leaveNothing();
  }

  #maybe(): boolean {
    return this.#next(2) === 1;
  }

  // ---- What may happen ----

  readonly #happenings: Record<string, () => void> = {
    bytes: () => {
      if (this.#transport.isClosed || this.#hasEnded) return;
      const length = 1 + this.#next(5);
      const bytes = Buffer.from(Array.from({ length }, (_, i) => (this.#arrived + i) % 256));
      this.#arrived += length;
      this.#transport.events.onBytes(bytes);
    },
    'peer leaves': () => {
      if (!this.#transport.isClosed) this.#transport.events.onPeerLeft();
    },
    end: () => {
      if (this.#transport.isClosed) return;
      if (this.#next(4) > 0) return;
      this.#hasEnded = true;
      this.#transport.events.onEnd(this.#next(4) === 0 ? failure : null);
    },
    'some are sent': () => {
      this.#transport.take(1 + this.#next(8));
    },
    'all are sent': () => {
      this.#transport.take();
    },
    'sending fails': () => {
      if (!this.#transport.isClosed && this.#next(4) === 0) this.#transport.fail(failure);
    },
    'our end is told': () => {
      const { isClosed, queuedBytes } = this.#transport;
      if (isClosed || queuedBytes > 0 || this.#next(4) > 0) return;
      this.#transport.events.onEnded(this.#maybe());
    },
    'the transport fails': () => {
      if (!this.#transport.isClosed && this.#next(16) === 0) {
        this.#transport.events.onFailure(failure);
      }
    },
    'time passes': () => {
      this.#pass(1 + this.#next(15));
    },
    write: () => {
      this.#write('x'.repeat(1 + this.#next(12)));
    },
    'call end()': () => {
      if (this.#next(4) === 0) this.#connection.end();
    },
    'call close()': () => {
      if (this.#next(16) === 0) this.#connection.close(this.#maybe() ? failure : undefined);
    },
    'call abandon()': () => {
      if (this.#next(4) === 0) this.#connection.abandon();
    },
    'call windUp()': () => {
      if (this.#next(16) === 0) this.#connection.windUp();
    },
    hold: () => {
      this.#holds++;
      this.#connection.reading.hold();
    },
    release: () => {
      if (this.#holds === 0) return;
      this.#holds--;
      this.#connection.reading.release();
    },
    'give back': () => {
      if (this.#isReading || this.#transport.isClosed) return;
      const count = Math.min(this.#next(4), this.#delivered);
      this.#delivered -= count;
      const bytes = Array.from({ length: count }, (_, i) => (this.#delivered + i) % 256);
      this.#connection.reading.giveBack(Buffer.from(bytes));
    },
    'read data$': () => {
      this.#listen('data$', this.#connection.data$, (chunk) => {
        this.#take(chunk as Buffer);
      });
    },
    'hear closed$': () => {
      this.#listen('closed$', this.#connection.closed$);
    },
    'hear writable$': () => {
      this.#listen('writable$', this.#connection.writable$);
    },
    send: () => {
      const chunks = Array.from({ length: this.#next(4) }, () => 'y'.repeat(this.#next(6)));
      this.#listen('send', this.#connection.send(this.#maybe() ? chunks : emitting(chunks)));
    },
    unsubscribe: () => {
      const listening = this.#listening.filter((each) => each.subscription && !each.isOver);
      if (listening.length === 0) return;
      const leaving = listening[this.#next(listening.length)]!;
      leaving.hasLeft = true;
      leaving.subscription!.unsubscribe();
    },
  };
  readonly #names = Object.keys(this.#happenings);

  #happen(): void {
    const name = this.#names[this.#next(this.#names.length)]!;
    this.steps.push('  '.repeat(this.#depth) + name);
    this.#happenings[name]!();
  }

  /** Does something at random out of a callback. */
  #react(): void {
    if (this.#depth >= MOST_DEPTH || this.#maybe()) return;
    this.#depth++;
    this.#happen();
    this.#depth--;
  }

  #pass(milliseconds: number): void {
    // Within a callback of the scheduler time stands still.
    if (this.#depth > 0) return;
    this.#time.maxFrames = this.#time.frame + milliseconds;
    this.#time.schedule(() => undefined, milliseconds);
    this.#time.flush();
  }

  #write(text: string): void {
    const { isClosed, queuedBytes } = this.#transport;
    try {
      this.#connection.write(text);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'ERR_QUEUE_FULL') assert(queuedBytes >= 32);
      else assert.equal(code, 'ERR_SOCKET_CLOSED');
      return;
    }
    assert.equal(isClosed, false);
  }

  #listen(
    kind: Listening['kind'],
    source: Observable<unknown>,
    take: (value: unknown) => void = () => undefined,
  ): void {
    const isLate = this.#transport.isClosed;
    const listening: Listening = {
      ...{ kind, subscription: null, values: 0, isOver: false, hasLeft: false, isLate },
    };
    this.#listening.push(listening);
    const tellsNothingMore = () => {
      assert.deepEqual([listening.isOver, listening.hasLeft], [false, false]);
    };
    const end = () => {
      this.#guard(() => {
        tellsNothingMore();
        listening.isOver = true;
        this.#react();
      });
    };
    listening.subscription = source.subscribe({
      next: (value) => {
        this.#guard(() => {
          tellsNothingMore();
          listening.values++;
          take(value);
          this.#react();
        });
      },
      error: end,
      complete: end,
    });
  }

  /** Keeps what a callback throws, as rxjs would report it only later. */
  #guard(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#mistake ??= error as Error;
    }
  }

  #take(chunk: Buffer): void {
    for (const byte of chunk) assert.equal(byte, this.#delivered++ % 256);
    assert(this.#delivered <= this.#arrived);
  }

  get #isReading(): boolean {
    return this.#listening.some((each) => each.kind === 'data$' && isActive(each));
  }

  // ---- What has to hold ----

  #check(): void {
    if (this.#mistake) throw this.#mistake;
    const { faults, isClosed, isKeptAlive, demand, queuedBytes } = this.#transport;
    assert.deepEqual(faults, []);
    assert.equal(this.#connection.queuedBytes, queuedBytes);
    const active = this.#listening.filter(isActive);
    assert(active.filter(({ kind }) => kind === 'data$').length <= 1);
    if (isClosed) {
      assert.equal(active.length, 0);
      for (const each of this.#listening) {
        if (each.kind === 'closed$' && !each.hasLeft) assert.equal(each.values, 1);
      }
      if (!Number.isNaN(this.#closes)) assert.equal(this.#closes, 1);
      return;
    }
    if (!Number.isNaN(this.#closes)) assert.equal(this.#closes, 0);
    assert.equal(isKeptAlive, active.length > 0 || queuedBytes > 0);
    const reads = this.#isReading && this.#holds === 0 && !this.#hasEnded;
    assert.equal((demand & Demand.Bytes) !== 0, reads);
    if (reads) assert.equal(this.#delivered, this.#arrived);
  }

  /** Everybody leaves: nothing of the connection may remain. */
  #leaveNothing(): void {
    for (; this.#holds > 0; this.#holds--) this.#connection.reading.release();
    for (const each of this.#listening) {
      each.hasLeft ||= !each.isOver;
      each.subscription?.unsubscribe();
    }
    this.#connection.abandon();
    this.#transport.take();
    assert.equal(this.#transport.isClosed, true);
    this.#check();
    assert.equal(this.#time.actions.length, 0);
  }
}

function isActive({ isOver, hasLeft }: Listening): boolean {
  return !isOver && !hasLeft;
}

/** As an Observable, which cannot be held back. */
function emitting(chunks: readonly string[]): Observable<string> {
  return new Observable((subscriber) => {
    for (const chunk of chunks) subscriber.next(chunk);
    subscriber.complete();
  });
}

test(`whatever happens in whatever order, a connection keeps its word (${WALKS} random walks)`, async () => {
  const unhandled: unknown[] = [];
  config.onUnhandledError = (error) => unhandled.push(error);
  try {
    for (let seed = 1; seed <= WALKS; seed++) {
      const walk = new Walk(seed);
      try {
        walk.run();
      } catch (error) {
        throw new Error(`Walk ${seed}:\n${walk.steps.join('\n')}`, { cause: error });
      }
    }
    await setTimeout(0); // by then rxjs has reported what nobody handled
    expect(unhandled).toEqual([]);
  } finally {
    config.onUnhandledError = null;
  }
});
