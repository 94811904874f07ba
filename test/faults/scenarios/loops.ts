import { type Backend, capabilities } from 'bipoll';
import { EventLoop, type LoopDriver } from 'bipoll/reactive';

export interface Loop {
  readonly name: string;
  readonly open: () => EventLoop;
}

function loop(backend: Backend, driver: LoopDriver): Loop {
  return { name: `${backend} by ${driver}`, open: () => new EventLoop({ backend, driver }) };
}

/** Every backend with every driver that can watch it. */
export const loops: readonly Loop[] = capabilities().backends.flatMap((backend) =>
  backend === 'poll' ? [loop(backend, 'waiter')] : [loop(backend, 'uv'), loop(backend, 'waiter')],
);
