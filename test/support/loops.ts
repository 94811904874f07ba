import { capabilities, type LoopBackend } from 'bipoll';
import { EventLoop, type LoopDriver } from 'bipoll/reactive';

/** A way to be served by Node's event loop that the same tests run over. */
export interface Loop {
  readonly name: string;
  readonly backend: LoopBackend;
  readonly driver: LoopDriver;
  readonly open: () => EventLoop;
}

function loop(backend: LoopBackend, driver: LoopDriver): Loop {
  const open = () => new EventLoop({ backend, driver });
  return { name: `${backend}, driven by ${driver}`, backend, driver, open };
}

/** Everything that loops can wait with here, with every driver that can watch it: poll has no descriptor for libuv to watch. */
export const loops: readonly Loop[] = capabilities().loopBackends.flatMap((backend) =>
  backend === 'poll' || process.platform === 'win32'
    ? [loop(backend, 'waiter')]
    : [loop(backend, 'uv'), loop(backend, 'waiter')],
);

/** Has the programs that tests start take a loop from their environment, as any program does. */
export function inEnvironment({ backend, driver }: Loop): void {
  beforeAll(() => {
    process.env['BIPOLL_BACKEND'] = backend;
    process.env['BIPOLL_DRIVER'] = driver;
  });
  afterAll(() => {
    delete process.env['BIPOLL_BACKEND'];
    delete process.env['BIPOLL_DRIVER'];
  });
}
