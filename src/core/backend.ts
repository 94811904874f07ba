import { invalidValue } from './argument';
import { native } from './native';

/** The readiness mechanism under a poller. */
export type Backend = 'epoll' | 'kqueue' | 'poll' | 'iocp';

/** Those of this platform, the best first. */
export const backends = native.backends() as readonly Backend[];

/** What only event loops take, so that the environment may name it for them. */
const OF_LOOPS: readonly unknown[] = ['io_uring', 'best'];

export function isBackend(name: unknown): name is Backend {
  return backends.some((backend) => backend === name);
}

/**
 * The backend asked for, else the one named by `BIPOLL_BACKEND`, else the best. One that is missing here is an error
 * that lists the others.
 */
export function chooseBackend(wanted: unknown): Backend {
  const name = wanted ?? fromEnvironment() ?? backends[0];
  if (isBackend(name)) return name;
  const expected = `must be one of ${backends.join(', ')} here`;
  const hint = OF_LOOPS.includes(name) ? '; only an EventLoop takes that' : '';
  throw invalidValue('backend', `${expected}${hint}`, name);
}

function fromEnvironment(): string | null {
  const name = process.env['BIPOLL_BACKEND'] || null;
  return OF_LOOPS.includes(name) ? null : name;
}
