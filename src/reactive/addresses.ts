import { Observable } from 'rxjs';
import { type Failure, native } from '../core/native';
import { asciiName, lookUpError } from '../core/resolve';
import { Context } from './loop/Context';
import type { EventLoop } from './loop/EventLoop';
import { Queue } from './Queue';

/** At most this many names are looked up at once, each by a thread of its own. Others wait. */
const MOST_LOOK_UPS = 16;

let running = 0;
const waiting = new Queue<() => void>();

/**
 * The numeric addresses of a host, found without blocking, in the order in which they are to be tried.
 *
 * @param loop keeps the process alive while there are subscribers. A look-up cannot be cancelled, but once nobody is
 * subscribed nothing waits for it
 */
export function addressesOf(
  host: string,
  family: 0 | 4 | 6,
  loop: EventLoop,
): Observable<string[]> {
  return new Observable((subscriber) => {
    if (native.addressFamily(host) !== 0) {
      subscriber.next([host]);
      subscriber.complete();
      return;
    }
    const context = new Context();
    const emit = (found: string[] | Failure): void => {
      if (typeof found === 'number' || found.length === 0) {
        subscriber.error(lookUpError(found, host));
        return;
      }
      subscriber.next(interleaved(found));
      subscriber.complete();
    };
    const onFound = (found: string[] | Failure): void => {
      running--;
      context.run(emit, found);
      startWaiting();
    };
    loop.holdProcess();
    subscriber.add(() => {
      loop.releaseProcess();
    });
    waiting.push(() => {
      if (subscriber.closed) return;
      running++;
      const failure = native.lookUp(asciiName(host), family, onFound);
      if (failure < 0) onFound(failure);
    });
    startWaiting();
  });
}

function startWaiting(): void {
  while (running < MOST_LOOK_UPS && waiting.length > 0) waiting.shift()!();
}

/** Alternates between the families, so that a family without a route costs one attempt only: RFC 8305, section 4. */
function interleaved(found: readonly string[]): string[] {
  const [first = ''] = found;
  const firstFamily = native.addressFamily(first);
  const preferred = found.filter((address) => native.addressFamily(address) === firstFamily);
  const others = found.filter((address) => native.addressFamily(address) !== firstFamily);
  return preferred
    .flatMap((address, index) => [address, ...others.slice(index, index + 1)])
    .concat(others.slice(preferred.length));
}
