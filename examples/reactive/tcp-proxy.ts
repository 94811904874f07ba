// Passes each connection on to another server: whoever is slow holds back the other side, and an end is passed on.
//
//   npx tsx examples/reactive/tcp-proxy.ts --port 7000 example.org 80
import { catchError, EMPTY, forkJoin, mergeMap, type Observable, startWith, take, tap } from 'rxjs';
import { connect, type Connection, listen, serve, type ServeOptions } from 'bipoll/reactive';
import { misused, readArguments, targetOf } from '../arguments';
import { announce } from './announce';
import { stopSignal$ } from './stopSignal';

/** Bytes passed on, either way. */
export interface Passed {
  sent: number;
  received: number;
}

/**
 * @param upstream$ connects when it is subscribed to; with `allowHalfOpen`, as an end is for the other side to answer
 * @returns the bytes of each connection that is over
 */
export function proxy(
  clients$: Observable<Connection>,
  upstream$: Observable<Connection>,
  options: ServeOptions = {},
): Observable<Passed> {
  const passOn = (client: Connection) =>
    upstream$.pipe(
      take(1), // so that its error is told once, behind what it sent before
      mergeMap((server) => join(client, server)),
    );
  return clients$.pipe(serve(passOn, options));
}

function join(client: Connection, server: Connection): Observable<Passed> {
  return forkJoin({ sent: pass(client, server), received: pass(server, client) }).pipe(
    tap(() => {
      client.close(); // one of them may be gone without the other having been told
      server.close();
    }),
  );
}

/** One direction, to its end. Whatever ends it, the other one goes on as long as there is somebody to hear it. */
function pass(source: Connection, sink: Connection): Observable<number> {
  let finish = () => {
    sink.end();
  };
  const bytes$ = source.data$.pipe(
    catchError(() => {
      // Behind what it sent before: it is gone, so there is nothing to answer to.
      finish = () => {
        sink.close();
      };
      return EMPTY;
    }),
  );
  return sink.send(bytes$).pipe(
    tap({
      complete() {
        finish();
      },
    }),
    catchError(() => EMPTY), // it takes nothing more, but may have said why
    startWith(0),
  );
}

function main(): void {
  const usage = 'tcp-proxy (--port PORT [--host HOST] | --path PATH) HOST PORT';
  const { target, rest } = readArguments(usage);
  const upstream = targetOf(undefined, ...rest) ?? misused(usage);
  const clients$ = listen(target, { replaceStale: true, onListening: announce });
  const upstream$ = connect(upstream, { allowHalfOpen: true, timeout: 5000 });
  proxy(clients$, upstream$, { stop$: stopSignal$ }).subscribe((passed) => {
    console.log(passed);
  });
}

if (require.main === module) main();
