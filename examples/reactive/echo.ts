// Sends back whatever its clients send. Who does not take its echo is not read from any more.
//
//   npx tsx examples/reactive/echo.ts --port 7000
import { mergeMap, type Observable } from 'rxjs';
import { type Connection, listen } from 'bipoll/reactive';
import { readArguments } from '../arguments';
import { announce } from './announce';
import { closeOnError } from './closeOnError';

/** @returns the bytes sent back so far, by whichever client */
export function echo(connections$: Observable<Connection>): Observable<number> {
  return connections$.pipe(
    mergeMap((connection) => connection.send(connection.data$).pipe(closeOnError(connection))),
  );
}

function main(): void {
  const { target } = readArguments('echo (--port PORT [--host HOST] | --path PATH)');
  echo(listen(target, { replaceStale: true, onListening: announce })).subscribe();
}

if (require.main === module) main();
