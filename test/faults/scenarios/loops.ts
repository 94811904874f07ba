import { capabilities, type LoopBackend } from 'bipoll';
import { EventLoop, type LoopDriver } from 'bipoll/reactive';

export interface Loop {
  readonly name: string;
  readonly open: () => EventLoop;
}

function loop(backend: LoopBackend, driver: LoopDriver): Loop {
  return { name: `${backend} by ${driver}`, open: () => new EventLoop({ backend, driver }) };
}

/** Every backend with every driver that can watch it. */
export const loops: readonly Loop[] = capabilities().loopBackends.flatMap((backend) =>
  backend === 'poll' ? [loop(backend, 'waiter')] : [loop(backend, 'uv'), loop(backend, 'waiter')],
);
