import { invalidValue } from './argument';
import { type Backend, backends, isBackend } from './backend';
import { native } from './native';
import { systemError } from './systemErrors';

/** What an event loop waits with: a backend, or `'io_uring'`, where the kernel itself receives and sends. */
export type LoopBackend = Backend | 'io_uring';

/** Those that are taken only by name, the best first. */
const byName = native.namedPumps() as readonly LoopBackend[];

const NEEDS = 'io_uring needs Linux 6.1 or later';

/** What the kernel answers, and what that means here. */
const reasons: Readonly<Record<string, string>> = {
  ENOSYS: NEEDS,
  EINVAL: NEEDS,
  EPERM: 'seccomp, as of a container, or kernel.io_uring_disabled forbids it',
  EACCES: 'a security policy forbids it',
  ENOMEM: 'there is too little memory, or too little of it may be locked',
};

/** Why an event loop cannot be opened with this; null: it can. */
function obstacleOf(name: LoopBackend): string | null {
  const pump = native.openPump(name);
  if (pump >= 0) {
    native.closePump(pump);
    return null;
  }
  const { code, text } = systemError(pump);
  return `${code}: ${reasons[code] ?? text}`;
}

/** Why event loops lack something here, by its name. */
export function missingLoopBackends(): Partial<Record<LoopBackend, string>> {
  const all: LoopBackend[] = ['io_uring'];
  const missing: Partial<Record<LoopBackend, string>> = {};
  for (const name of all) {
    const obstacle = byName.includes(name) ? obstacleOf(name) : NEEDS;
    if (obstacle !== null) missing[name] = obstacle;
  }
  return missing;
}

/** Those that an event loop can be opened with here. Those that are taken only by name come last. */
export function loopBackends(): readonly LoopBackend[] {
  return [...backends, ...byName.filter((name) => obstacleOf(name) === null)];
}

/**
 * The one asked for, else the one named by `BIPOLL_BACKEND`, else the best backend. `'best'` is `'io_uring'` where that
 * can be opened. One that is missing here is an error that lists the others.
 */
export function chooseLoopBackend(wanted: unknown): LoopBackend {
  const name = wanted ?? (process.env['BIPOLL_BACKEND'] || backends[0]);
  if (name === 'best') return byName.find((each) => obstacleOf(each) === null) ?? backends[0]!;
  const all = [...backends, ...byName];
  const found = all.find((each) => each === name);
  if (!found)
    throw invalidValue('backend', `must be one of ${[...all, 'best'].join(', ')} here`, name);
  return found;
}

/** What a poller waits with that belongs to such a loop. */
export function backendBeside(loopBackend: LoopBackend): Backend {
  return isBackend(loopBackend) ? loopBackend : backends[0]!;
}
