import { lookup } from 'node:dns';
import { Observable } from 'rxjs';
import { SocketError } from '../core/errors';
import { native } from '../core/native';

/** The numeric addresses of a host, found without blocking, in the order in which they are to be tried. */
export function addressesOf(host: string, family: 0 | 4 | 6): Observable<string[]> {
  return new Observable((subscriber) => {
    if (native.addressFamily(host) !== 0) {
      subscriber.next([host]);
      subscriber.complete();
      return;
    }
    // A lookup cannot be called off: what it finds after unsubscribing goes nowhere.
    lookup(host, { all: true, family }, (error, found) => {
      if (error) {
        subscriber.error(notFound(error, host));
        return;
      }
      subscriber.next(interleaved(found));
      subscriber.complete();
    });
  });
}

function notFound({ code = 'ENOTFOUND', errno = 0 }: NodeJS.ErrnoException, host: string) {
  const syscall = 'getaddrinfo';
  const message = `${code}: no address, ${syscall} ${host}`;
  return new SocketError(message, code, errno, { syscall, address: host });
}

/** By turns of either family, so that one which leads nowhere costs one attempt: RFC 8305, section 4. */
function interleaved(found: readonly { address: string; family: number }[]): string[] {
  const firstFamily = found[0]?.family;
  const preferred = found.filter(({ family }) => family === firstFamily);
  const others = found.filter(({ family }) => family !== firstFamily);
  return preferred
    .flatMap((each, index) => [each, others[index]])
    .concat(others.slice(preferred.length))
    .flatMap((each) => (each ? [each.address] : []));
}
