// A JSON-RPC 2.0 service, one JSON text a line: calls have a time limit, and whoever calls too much is held back.
//
//   npx tsx examples/reactive/json-rpc.ts --path /tmp/rpc.sock
import * as rx from 'rxjs';
import { lines } from 'bipoll/framing';
import {
  type Connection,
  decode,
  listen,
  pacedMap,
  serve,
  type ServeOptions,
} from 'bipoll/reactive';
import { readArguments } from '../arguments';
import { announce } from './announce';
import { stopSignal$ } from './stopSignal';

/** What a service can do, by name. Of what a method emits, the first value is the result. */
export type Methods = ReadonlyMap<string, (params: unknown) => rx.ObservableInput<unknown>>;

export interface CallOptions extends ServeOptions {
  /** Milliseconds that a call may take; 5000 by default. */
  due?: number;
}

/** An error as it goes over the wire: methods may throw it, and calls fail with it. */
export class RpcError extends Error {
  override readonly name = 'RpcError';

  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

export const errors = {
  parse: () => new RpcError(-32700, 'Parse error'),
  invalidRequest: () => new RpcError(-32600, 'Invalid Request'),
  methodNotFound: () => new RpcError(-32601, 'Method not found'),
  invalidParams: () => new RpcError(-32602, 'Invalid params'),
  internal: () => new RpcError(-32603, 'Internal error'),
  timedOut: () => new RpcError(-32000, 'Timed out'),
};

/** @returns the bytes of each answer */
export function serveCalls(
  connections$: rx.Observable<Connection>,
  methods: Methods,
  { due = 5000, ...options }: CallOptions = {},
): rx.Observable<number> {
  const { scheduler = rx.asyncScheduler } = options;
  const answersOn = (connection: Connection) =>
    connection.data$.pipe(
      decode(lines()),
      // While 16 calls are at work, or their answers are not taken, the client is not read.
      pacedMap(
        (line) =>
          answer(line, methods, { due, scheduler }).pipe(
            rx.concatMap((json) => connection.send([`${json}\n`])),
          ),
        { concurrency: 16 },
      ),
    );
  return connections$.pipe(serve(answersOn, options));
}

/** The JSON of one response, or of those of a batch; nothing if only notifications were sent. */
function answer(line: string, methods: Methods, options: CallOptions): rx.Observable<string> {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    return rx.of(failure(null, errors.parse()));
  }
  if (!Array.isArray(message)) return answerOne(message, methods, options);
  if (message.length === 0) return rx.of(failure(null, errors.invalidRequest()));
  return rx.from(message).pipe(
    rx.mergeMap((each: unknown) => answerOne(each, methods, options), 16),
    rx.toArray(),
    rx.filter((responses) => responses.length > 0),
    rx.map((responses) => `[${responses.join(',')}]`),
  );
}

function answerOne(
  message: unknown,
  methods: Methods,
  { due = 5000, scheduler = rx.asyncScheduler }: CallOptions,
): rx.Observable<string> {
  if (!isRequest(message)) return rx.of(failure(null, errors.invalidRequest()));
  const { id, method, params } = message;
  const call = methods.get(method);
  const response$ = rx
    .defer(() => (call ? call(params) : rx.throwError(errors.methodNotFound)))
    .pipe(
      rx.timeout({ first: due, with: () => rx.throwError(errors.timedOut), scheduler }),
      rx.take(1),
      rx.defaultIfEmpty(null),
      rx.map((result = null) => JSON.stringify({ jsonrpc: '2.0', id, result })),
      rx.catchError((error: unknown) =>
        rx.of(failure(id ?? null, error instanceof RpcError ? error : errors.internal())),
      ),
    );
  return id === undefined ? response$.pipe(rx.ignoreElements()) : response$;
}

interface Request {
  id?: string | number | null;
  method: string;
  params?: unknown;
}

function isRequest(message: unknown): message is Request {
  const { jsonrpc, id, method, params = {} } = Object(message) as Record<string, unknown>;
  const hasValidId = id === undefined || id === null || /^(string|number)$/.test(typeof id);
  return jsonrpc === '2.0' && typeof method === 'string' && hasValidId && Object(params) === params;
}

function failure(id: Request['id'], { code, message }: RpcError): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } });
}

const demo: Methods = new Map([
  [
    'add',
    (params: unknown) => {
      if (!Array.isArray(params) || !params.every((each) => typeof each === 'number')) {
        throw errors.invalidParams();
      }
      return rx.of(params.reduce((sum, each) => sum + each, 0));
    },
  ],
]);

function main(): void {
  const { target } = readArguments('json-rpc (--path PATH | --port PORT)');
  const connections$ = listen(target, { replaceStale: true, onListening: announce });
  serveCalls(connections$, demo, { stop$: stopSignal$ }).subscribe();
}

if (require.main === module) main();
