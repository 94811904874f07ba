import { constants } from 'node:os';
import { checkInteger, invalidType, propertyOf } from './argument';
import { Child, type StartedChild } from './Child';
import { orThrow } from './errors';
import { native } from './native';

const MAX_PID = 2 ** 31 - 1;

/**
 * Watches a child of this process for its exit, without taking that away from whoever started it: a `ChildProcess` still
 * emits `'exit'` as soon as Node's event loop runs.
 *
 * Let the child inherit or ignore its standard streams: while the script blocks, Node reads none of its pipes.
 *
 * @param child what `spawn` of `node:child_process` returned, or the pid of a child
 * @throws SocketError `ECHILD`: it is no child of this process, or Node has taken notice of its exit already; `ENOTSUP` on
 *   Windows; `ENOSYS` on Linux before 5.3. `capabilities().features.children` tells
 *
 * @example
 * using job = watchChild(spawn('make', { stdio: 'inherit' }));
 * if (poll(job, 'exited', 60_000)) console.log(job.exit()); // { code: 0, signal: null }
 */
export function watchChild(child: StartedChild | number): Child {
  const started = typeof child === 'number' ? undefined : child;
  const pid = pidOf(child);
  // By now its pid may be that of another process.
  const isGone = started && hasEnded(started);
  const token = orThrow(isGone ? -constants.errno.ECHILD : native.watchChild(pid), 'watchChild');
  return new Child(token, pid, started);
}

function pidOf(child: unknown): number {
  if (typeof child === 'number') return checkInteger('child', child, 1, MAX_PID);
  if (typeof child !== 'object' || child === null) {
    throw invalidType('child', 'a ChildProcess or the pid of a child', child);
  }
  // It is undefined if the program could not be started.
  return checkInteger('child.pid', propertyOf('child', child, 'pid'), 1, MAX_PID);
}

function hasEnded(started: StartedChild): boolean {
  return ['exitCode', 'signalCode'].some(
    (key) => (propertyOf('child', started, key) ?? null) !== null,
  );
}
