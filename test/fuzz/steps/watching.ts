import { type Socket, type SocketEvent, wake } from 'bipoll';
import { poll, pollAll, type PollQuery } from 'bipoll/sync';
import { PATIENCE } from '../../support/patience';
import { End } from '../End';
import { expectThat } from '../Expected';
import { choose, type StepKind } from '../Step';
import type { Watched, Watcher } from '../Watcher';
import type { World } from '../World';

const streamEvents = [
  'determined',
  'connectionSucceeded',
  'connectionFailed',
  'dataAvailable',
  'readyToWrite',
  'remoteDisconnected',
] as const satisfies readonly SocketEvent[];

const serverEvents = ['connectionAvailable'] as const satisfies readonly SocketEvent[];

const all = ({ ends, servers }: World): Watched[] => [...ends, ...servers];

const eventsOf = (watched: Watched): readonly SocketEvent[] =>
  watched instanceof End ? streamEvents : serverEvents;

/** Those events of a set whose bits are set. */
const some = (events: readonly SocketEvent[], bits: number) =>
  events.filter((_, index) => bits & (1 << index));

const monitor: StepKind<Watched> = {
  name: 'monitor',
  find: (world, choice) => choose(all(world), choice),
  run({ watchers }, watched, detail) {
    // The same in each poller, or another.
    const chosen = watchers.filter((_, index) => detail & (64 << index));
    for (const watcher of chosen) {
      watcher.watch(watched, watched.socket!, some(eventsOf(watched), detail));
    }
  },
};

const unmonitor: StepKind<Watched> = {
  name: 'unmonitor',
  find: (world, choice) => choose(all(world), choice),
  run({ watchers }, watched, detail) {
    choose(watchers, detail)!.unwatch(watched);
  },
};

const look: StepKind<World> = {
  name: 'look',
  find: (world) => world,
  run: (world) => {
    world.look();
  },
};

/** Asks without a poller what each socket's events are. */
const ask: StepKind<World> = {
  name: 'ask',
  find: (world) => (all(world).length > 0 ? world : null),
  run(world) {
    const asked = all(world);
    for (const { socket, events } of asked) {
      for (const event of events.certain) poll<Socket, SocketEvent>(socket!, event, PATIENCE);
    }
    const held = pollAll(
      asked.map((watched): PollQuery => [watched.socket!, eventsOf(watched)]),
      0,
    );
    for (const [index, watched] of asked.entries()) {
      const told = held[index] ?? [];
      const { certain, possible } = watched.events;
      const isRight =
        told.every((event) => possible.has(event)) &&
        Array.from(certain).every((event) => told.includes(event));
      expectThat(isRight, `pollAll says of ${watched.number}: ${told.join()}`);
    }
  },
};

/** A wake-up ends the next wait, even if nothing holds. */
const wakeUp: StepKind<Watcher> = {
  name: 'wake',
  find: ({ watchers }, choice) => choose(watchers, choice),
  run(_, { poller, backend }) {
    const begun = performance.now();
    expectThat(wake(poller.waker), `${backend} cannot be woken`);
    poller.wait(PATIENCE);
    expectThat(performance.now() - begun < PATIENCE / 2, `${backend} goes on sleeping`);
  },
};

/** Pollers, predicates and wake-ups. */
export const watching = [monitor, unmonitor, look, ask, wakeUp] as const;
