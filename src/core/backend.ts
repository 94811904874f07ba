import { invalidValue } from './argument';
import { native } from './native';

/** The readiness mechanism under a poller. */
export type Backend = 'epoll' | 'kqueue' | 'poll' | 'iocp';

/** Those of this platform, the best first. */
export const backends = native.backends() as readonly Backend[];

/**
 * The backend asked for, else the one named by `BIPOLL_BACKEND`, else the best. One that is missing here is an error
 * that lists the others.
 */
export function chooseBackend(wanted: unknown): Backend {
  const name = wanted ?? (process.env['BIPOLL_BACKEND'] || backends[0]);
  const found = backends.find((backend) => backend === name);
  if (!found) throw invalidValue('backend', `must be one of ${backends.join(', ')} here`, name);
  return found;
}
