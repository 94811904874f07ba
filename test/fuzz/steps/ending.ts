import type { End } from '../End';
import { choose, type StepKind } from '../Step';
import { socketOf } from './bytes';

const shutdown: StepKind<End> = {
  name: 'shutdown',
  find: ({ ends }, choice) =>
    choose(
      ends.filter((end) => !end.isRefused && !end.hasShutDown && end.peerState === 'sending'),
      choice,
    ),
  run(_, end) {
    socketOf(end).shutdown();
    end.hasShutDown = true;
    end.peer?.onPeerEnded();
  },
};

const close: StepKind<End> = {
  name: 'close',
  find: ({ ends }, choice) => choose(ends, choice),
  run(world, end) {
    socketOf(end).close();
    world.removeEnd(end);
  },
};

const reset: StepKind<End> = {
  name: 'reset',
  find: ({ ends }, choice) => choose(ends, choice),
  run(world, end) {
    socketOf(end).reset();
    world.removeEnd(end, true);
  },
};

/** Connections end, in all ways. */
export const ending = [shutdown, close, reset] as const;
