// Passes each connection on to another server: whoever is slow holds back the other side, and an end is passed on, as is a reset.
//
//   npx tsx examples/reactive/tcp-proxy.ts --port 7000 example.org 80
import { catchError, EMPTY, forkJoin, mergeMap, type Observable, startWith, take, tap } from 'rxjs';
import { SocketError } from 'bipoll';
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
    catchError((error: unknown) => {
      // The sink gets what came before, and then a reset: after an end it would take the stream for complete.
      if (!isRefusal(error)) {
        finish = () => {
          sink.reset();
        };
      }
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

/** A peer that has ended, and then refuses what we send, fails with that refusal. Its own stream was complete. */
function isRefusal(error: unknown): boolean {
  return error instanceof SocketError && error.syscall === 'write';
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
