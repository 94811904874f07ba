// Starts a service and watches over it, as systemd does with WatchdogSec= (sd_notify(3)): one that does not say in time
// that it is alive is ended.
//
//   npx tsx examples/reactive/watchdog.ts --path /tmp/notify.sock npx tsx examples/notify.ts
import { spawn } from 'node:child_process';
import { filter, finalize, mergeMap, type Observable, switchMap, timeout } from 'rxjs';
import { bind } from 'bipoll/reactive';
import { misused, readArguments } from '../arguments';

const SIGNS_OF_LIFE = new Set(['READY=1', 'WATCHDOG=1']);

/**
 * Emits the signs of life of a service that is started on subscription, and completes when it exits. Unsubscribing ends
 * it, and so does an error: rxjs's `TimeoutError` if there was none for `patience` milliseconds.
 */
export function watchOver(
  path: string,
  [program, ...args]: readonly [string, ...string[]],
  patience: number,
): Observable<string> {
  return bind({ path, replaceStale: true }).pipe(
    switchMap(({ messages$, socket }) => {
      const asked = { NOTIFY_SOCKET: path, WATCHDOG_USEC: String(patience * 1000) };
      const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...asked } });
      child.once('exit', () => {
        socket.close();
      });
      return messages$.pipe(
        mergeMap(({ bytes }) => bytes.toString().trimEnd().split('\n')),
        filter((state) => SIGNS_OF_LIFE.has(state)),
        timeout(patience),
        finalize(() => child.kill()),
      );
    }),
  );
}

function main(): void {
  const usage = 'watchdog --path PATH PROGRAM [ARGUMENT...]';
  const { target, rest } = readArguments(usage);
  const [program, ...args] = rest;
  if (!('path' in target) || program === undefined) misused(usage);
  watchOver(target.path, [program, ...args], 10_000).subscribe((state) => {
    console.log(state);
  });
}

if (require.main === module) main();
