import { inspect } from 'node:util';
import type { Observable, Subscription } from 'rxjs';
import { VirtualTimeScheduler } from 'rxjs';
import {
  type LifeEvent,
  type LifeState,
  lifeTransitions,
} from '../../../src/reactive/connection/lifeStates';
import { connectionSettings } from '../../../src/reactive/connection/options';
import {
  type ReadingEvent,
  type ReadingState,
  readingTransitions,
} from '../../../src/reactive/connection/readingStates';
import { StreamConnection } from '../../../src/reactive/connection/StreamConnection';
import type { Transitions } from '../../../src/reactive/connection/transitions';
import {
  type WritingEvent,
  type WritingState,
  writingTransitions,
} from '../../../src/reactive/connection/writingStates';
import { Demand } from '../../../src/reactive/loop/records';
import { acceptor } from '../../support/acceptor';
import { drained } from '../../support/drained';
import { ScriptedTransport } from '../../support/ScriptedTransport';
import { codeOf } from '../../testing/marbles';

const failure = Object.assign(new Error('the peer is gone'), { code: 'EPIPE' });

/** A connection with somebody subscribed to all of it, and what these were told. */
class Scene {
  readonly transport = new ScriptedTransport();
  readonly connection = new StreamConnection(
    this.transport,
    connectionSettings({
      highWaterMark: 4,
      allowHalfOpen: true,
      scheduler: new VirtualTimeScheduler(),
    }),
    null,
  );
  readonly reading: Subscription;
  #told: string[] = [];
  #isHeld = false;

  constructor() {
    this.connection.accept(acceptor(() => this.#told.push('listener: closed')));
    this.reading = this.hear('data$', this.connection.data$);
  }

  hear(name: string, source: Observable<unknown>): Subscription {
    return source.subscribe({
      next: (value) => this.#told.push(value === undefined ? name : `${name} ${shown(value)}`),
      error: (error: unknown) => this.#told.push(`${name} #${String(codeOf(error))}`),
      complete: () => this.#told.push(`${name} |`),
    });
  }

  /** What was told, and asked of the transport, since the last call. */
  news(): string[] {
    const news = [...this.#told, ...this.transport.calls.map((call) => `transport: ${call}`)];
    this.#told = [];
    this.transport.calls.length = 0;
    return news;
  }

  hold(): void {
    if (!this.#isHeld) this.connection.reading.hold();
    this.#isHeld = true;
  }

  release(): void {
    if (this.#isHeld) this.connection.reading.release();
    this.#isHeld = false;
  }

  /** How `write` answers. */
  answerToWrite(): unknown {
    try {
      return this.connection.write('more');
    } catch (error) {
      return (error as Error).message;
    }
  }

  get events() {
    return this.transport.events;
  }
}

function shown(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString() : inspect(value);
}

interface Machine<State extends string, Event extends string> {
  readonly transitions: Transitions<State, Event>;
  /** Brings a connection into each state. */
  readonly enter: Record<State, (scene: Scene) => void>;
  /** Makes each event happen, in whatever state. */
  readonly fire: Record<Event, (scene: Scene) => void>;
  /** What one is told of each event that is allowed: the keys are `state event`. */
  readonly told: Record<string, string[]>;
  /** How each state is recognised from outside. This may change it. */
  readonly recognise: Record<State, (scene: Scene) => void>;
}

function describeMachine<State extends string, Event extends string>(
  name: string,
  { transitions, enter, fire, told, recognise }: Machine<State, Event>,
): void {
  const states = Object.keys(transitions) as State[];
  const pairs = states.flatMap((state) =>
    (Object.keys(transitions[state]) as Event[]).map((event) => ({
      state,
      event,
      next: transitions[state][event],
    })),
  );
  const allowed = pairs.filter(({ next }) => next !== null);
  const refused = pairs.filter(({ next }) => next === null);

  describe(name, () => {
    test('is told of here, each event that it allows', () => {
      const named = allowed.map(({ state, event }) => `${state} ${event}`);
      expect(Object.keys(told).sort()).toEqual(named.sort());
      expect(Object.keys(enter).sort()).toEqual([...states].sort());
      expect(Object.keys(recognise).sort()).toEqual([...states].sort());
    });

    test.each(allowed)('$state: $event leads to $next', ({ state, event, next }) => {
      const scene = new Scene();
      enter[state](scene);
      scene.news();
      fire[event](scene);
      expect(scene.news()).toEqual(told[`${state} ${event}`]);
      recognise[next!](scene);
      expect(scene.transport.faults).toEqual([]);
    });

    test.each(refused)('$state: $event is refused', ({ state, event }) => {
      const scene = new Scene();
      enter[state](scene);
      scene.news();
      fire[event](scene);
      expect(scene.news()).toEqual([]);
      recognise[state](scene);
      expect(scene.transport.faults).toEqual([]);
    });

    test.each(states.map((state) => ({ state })))('$state is not taken for another', (each) => {
      for (const other of states.filter((state) => state !== each.state)) {
        const scene = new Scene();
        enter[each.state](scene);
        scene.news();
        expect(() => {
          recognise[other](scene);
        }).toThrow();
      }
    });
  });
}

const closing = ['data$ |', 'listener: closed', 'transport: close'];

function recogniseClosed(scene: Scene): void {
  expect(scene.transport.isClosed).toBe(true);
  expect(scene.answerToWrite()).toBe('The connection is closed');
  scene.news();
  scene.hear('late closed$', scene.connection.closed$);
  expect(scene.news()).toEqual(['late closed$ null', 'late closed$ |']);
}

function recogniseOpen(scene: Scene): void {
  scene.news();
  scene.events.onBytes(Buffer.from('more'));
  expect(scene.news()).toEqual(['data$ more']);
  scene.hold();
}

describeMachine<ReadingState, ReadingEvent>('the table of reading', {
  transitions: readingTransitions,
  enter: {
    open: () => undefined,
    peerLeft: ({ events }) => {
      events.onPeerLeft();
    },
    draining: (scene) => {
      scene.hold();
      scene.events.onBytes(Buffer.from('rest'));
      scene.events.onEnd(null);
    },
    ended: ({ events }) => {
      events.onEnd(null);
    },
    closed: ({ connection }) => {
      connection.close();
    },
  },
  fire: {
    bytes: ({ events }) => {
      events.onBytes(Buffer.from('bytes'));
    },
    peerLeave: ({ events }) => {
      events.onPeerLeft();
    },
    // Behind bytes that nobody takes yet: else nothing would have to be drained.
    end: (scene) => {
      scene.hold();
      scene.events.onBytes(Buffer.from('rest'));
      scene.events.onEnd(null);
    },
    drain: (scene) => {
      scene.hold();
      scene.release();
    },
    close: ({ connection }) => {
      connection.close();
    },
  },
  told: {
    'open bytes': ['data$ bytes'],
    'open peerLeave': [],
    'open end': [],
    'open close': closing,
    'peerLeft bytes': ['data$ bytes'],
    'peerLeft end': [],
    'peerLeft close': closing,
    'draining drain': ['data$ rest', 'data$ |'],
    'draining close': closing,
    'ended close': ['listener: closed', 'transport: close'],
  },
  recognise: {
    open: (scene) => {
      recogniseOpen(scene);
      expect(scene.transport.demand & Demand.PeerEnd).not.toBe(0);
    },
    peerLeft: (scene) => {
      recogniseOpen(scene);
      expect(scene.transport.demand & Demand.PeerEnd).toBe(0);
    },
    draining: (scene) => {
      expect(scene.news()).toEqual([]);
      scene.release();
      expect(scene.news()).toEqual(['data$ rest', 'data$ |']);
    },
    ended: (scene) => {
      scene.hear('late data$', scene.connection.data$);
      expect(scene.news()).toEqual(['late data$ |']);
      expect(scene.transport.isClosed).toBe(false);
    },
    closed: recogniseClosed,
  },
});

/** Queues more than `highWaterMark`, with somebody who waits for it to go. */
function fillQueue(scene: Scene): void {
  expect(scene.connection.write('queued')).toBe(false);
  scene.hear('drained', drained(scene.connection));
  scene.hear('writable$', scene.connection.writable$);
}

const toldDrained = ['drained', 'drained |', 'writable$'];
const closingWithQueue = [
  'data$ |',
  'drained #ERR_SOCKET_CLOSED',
  'writable$ |',
  'listener: closed',
  'transport: close',
];

describeMachine<WritingState, WritingEvent>('the table of writing', {
  transitions: writingTransitions,
  enter: {
    open: fillQueue,
    ending: (scene) => {
      fillQueue(scene);
      scene.connection.end();
    },
    ended: (scene) => {
      scene.connection.end();
      scene.events.onEnded(true);
    },
    failed: (scene) => {
      fillQueue(scene);
      scene.transport.fail(failure);
    },
    closed: ({ connection }) => {
      connection.close();
    },
  },
  fire: {
    write: (scene) => {
      scene.answerToWrite();
    },
    sent: ({ transport }) => {
      transport.queuedBytes ||= 1;
      transport.take();
    },
    end: ({ connection }) => {
      connection.end();
    },
    told: ({ events }) => {
      events.onEnded(true);
    },
    fail: ({ transport }) => {
      transport.fail(failure);
    },
    close: ({ connection }) => {
      connection.close();
    },
  },
  told: {
    'open write': ['transport: send more'],
    'open sent': toldDrained,
    'open end': ['transport: end'],
    'open fail': ['drained #EPIPE'],
    'open close': closingWithQueue,
    'ending sent': toldDrained,
    'ending told': [],
    'ending fail': ['drained #EPIPE'],
    'ending close': closingWithQueue,
    'ended close': closing,
    'failed close': ['data$ |', 'writable$ |', 'listener: closed', 'transport: close'],
  },
  recognise: {
    open: (scene) => {
      scene.transport.take();
      scene.news();
      expect(scene.connection.write('m')).toBe(true);
      expect(scene.news()).toEqual(['transport: send m']);
    },
    ending: (scene) => {
      expect(scene.answerToWrite()).toBe('The connection was ended');
      scene.reading.unsubscribe();
      scene.events.onEnded(false); // news: so it closes
      expect(scene.transport.isClosed).toBe(true);
    },
    ended: (scene) => {
      expect(scene.answerToWrite()).toBe('The connection was ended');
      scene.reading.unsubscribe();
      scene.events.onEnded(false);
      expect(scene.transport.isClosed).toBe(false);
    },
    failed: (scene) => {
      expect(scene.answerToWrite()).toBe(false);
      expect(scene.news()).toEqual([]);
      scene.hear('late drained', drained(scene.connection));
      expect(scene.news()).toEqual(['late drained #EPIPE']);
    },
    closed: recogniseClosed,
  },
});

describeMachine<LifeState, LifeEvent>('the table of its life', {
  transitions: lifeTransitions,
  enter: {
    open: ({ connection }) => {
      connection.write('queued');
    },
    abandoned: ({ connection }) => {
      connection.write('queued');
      connection.abandon();
    },
    lingering: ({ connection }) => {
      connection.write('queued');
      connection.linger();
    },
    windingUp: ({ connection }) => {
      connection.write('queued');
      connection.windUp();
    },
    closed: ({ connection }) => {
      connection.close();
    },
  },
  fire: {
    abandon: ({ connection }) => {
      connection.abandon();
    },
    linger: ({ connection }) => {
      connection.linger();
    },
    desert: ({ connection }) => {
      connection.windUp();
    },
    close: ({ connection }) => {
      connection.close();
    },
  },
  told: {
    'open abandon': [],
    'open linger': ['transport: end'],
    'open desert': [],
    'open close': closing,
    'abandoned linger': ['transport: end'],
    'abandoned desert': [],
    'abandoned close': closing,
    'lingering desert': [],
    'lingering close': closing,
    'windingUp close': closing,
  },
  recognise: {
    open: (scene) => {
      scene.transport.take();
      scene.reading.unsubscribe();
      expect(scene.transport.isClosed).toBe(false);
      expect(scene.answerToWrite()).toBe(true);
    },
    abandoned: (scene) => {
      scene.transport.take();
      expect(scene.transport.isClosed).toBe(false);
      scene.reading.unsubscribe();
      expect(scene.transport.isClosed).toBe(true);
    },
    lingering: (scene) => {
      scene.transport.take();
      scene.reading.unsubscribe();
      scene.transport.events.onEnded(true);
      expect(scene.transport.isClosed).toBe(false);
      scene.transport.events.onEnd(null);
      expect(scene.transport.isClosed).toBe(true);
    },
    windingUp: (scene) => {
      expect(scene.transport.isClosed).toBe(false);
      scene.transport.take();
      expect(scene.news()).toEqual(closing);
    },
    closed: recogniseClosed,
  },
});
