import { invalidValue } from './argument';
import { native } from './native';

/** The readiness mechanism under a poller. */
export type Backend = 'epoll' | 'kqueue' | 'poll' | 'iocp';

/** Those of this platform, the best first. */
export const backends = native.backends() as readonly Backend[];

/** The one asked for, else by `BIPOLL_BACKEND`, else the best. An absent one is an error that lists them. */
export function chooseBackend(wanted: unknown): Backend {
  const name = wanted ?? (process.env['BIPOLL_BACKEND'] || backends[0]);
  const found = backends.find((backend) => backend === name);
  if (!found) throw invalidValue('backend', `must be one of ${backends.join(', ')} here`, name);
  return found;
}
