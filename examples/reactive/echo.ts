// Sends back whatever its clients send. Who does not take its echo is not read from any more.
//
//   npx tsx examples/reactive/echo.ts --port 7000
import type { Observable } from 'rxjs';
import { type Connection, listen, serve, type ServeOptions } from 'bipoll/reactive';
import { readArguments } from '../arguments';
import { announce } from './announce';
import { stopSignal$ } from './stopSignal';

/** @returns the bytes sent back so far, by whichever client */
export function echo(
  connections$: Observable<Connection>,
  options: ServeOptions = {},
): Observable<number> {
  return connections$.pipe(serve((connection) => connection.send(connection.data$), options));
}

function main(): void {
  const { target } = readArguments('echo (--port PORT [--host HOST] | --path PATH)');
  const connections$ = listen(target, { replaceStale: true, onListening: announce });
  echo(connections$, { stop$: stopSignal$ }).subscribe();
}

if (require.main === module) main();
