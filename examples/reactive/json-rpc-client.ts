// A client for JSON-RPC 2.0: many calls at once over one connection, each with a time limit.
//
//   npx tsx examples/reactive/json-rpc-client.ts --path /tmp/rpc.sock add '[1, 2]'
import {
  asyncScheduler,
  defer,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  share,
  take,
  throwError,
  throwIfEmpty,
  timeout,
} from 'rxjs';
import { ndjson } from 'bipoll/framing';
import { connect, type Connection, decode } from 'bipoll/reactive';
import { misused, readArguments } from '../arguments';
import { type CallOptions, errors, RpcError } from './json-rpc';

interface Response {
  id: unknown;
  result?: unknown;
  error?: { code: number; message: string };
}

/** Calls methods over one connection. Subscribing to a call makes it; it emits the result, or fails. */
export function client(
  connection: Connection,
  { due = 5000, scheduler = asyncScheduler }: CallOptions = {},
): (method: string, params?: unknown) => Observable<unknown> {
  const responses$ = connection.data$.pipe(decode(ndjson<Response>()), share());
  let calls = 0;
  return (method, params) =>
    defer(() => {
      const id = ++calls;
      const request = JSON.stringify({ jsonrpc: '2.0', id, method, params });
      return merge(responses$, connection.send([`${request}\n`]).pipe(ignoreElements())).pipe(
        filter((response) => response.id === id),
        take(1),
        throwIfEmpty(() => new Error('The service ended before it answered')),
        timeout({ first: due, with: () => throwError(errors.timedOut), scheduler }),
        map(({ result, error }) => {
          if (error) throw new RpcError(error.code, error.message);
          return result;
        }),
      );
    });
}

function main(): void {
  const usage = 'json-rpc-client (--path PATH | --port PORT) METHOD [PARAMS]';
  const { target, rest } = readArguments(usage);
  const [method, params = '[]'] = rest;
  if (method === undefined) misused(usage);
  connect(target)
    .pipe(
      mergeMap((connection) => client(connection)(method, JSON.parse(params))),
      take(1),
    )
    .subscribe((result) => {
      console.log(result);
    });
}

if (require.main === module) main();
