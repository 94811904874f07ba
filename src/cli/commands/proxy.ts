import {
  lastValueFrom,
  merge,
  mergeMap,
  type Observable,
  Subject,
  take,
  takeUntil,
  tap,
} from 'rxjs';
import { serve } from 'bipoll/reactive';
import type { ValuesOf } from '../arguments/Option';
import type { Run } from '../Command';
import type { proxyOptions } from '../definitions/proxy';
import { peerAt } from '../endpoints/connectTo';
import { type Endpoint, readEndpoint, textOf } from '../endpoints/Endpoint';
import { checkMode, connectionsAt } from '../endpoints/listenAt';
import { type Peer, peerOfConnection } from '../endpoints/Peer';
import { openStdio } from '../endpoints/stdio';
import { ExitCode, UsageError } from '../exitCodes';
import { idleness } from '../idleness';
import { join, type OnChunk } from '../join';
import { LAST_GRACE, overdue } from '../overdue';
import { paletteFor } from '../shown/colours';
import { HexDump } from '../shown/hexDump';
import { failureFields, jsonLine } from '../shown/json';
import { messageOf, tell, tellError } from '../shown/messages';
import { checkShowing } from '../shown/Traffic';
import { stopping } from '../stopping';

type Values = ValuesOf<typeof proxyOptions>;

/** Passes each connection on to another server. */
export const run: Run<typeof proxyOptions> = async (values, words, stopSignal) => {
  const stop$ = stopping(stopSignal);
  const [address, target] = words.map(readEndpoint) as [Endpoint, Endpoint];
  if (target.scheme === 'stdio') throw new UsageError('TARGET is a server, not -');
  checkShowing(values);
  checkMode(address, values.mode);
  // Of both sides, each has its own certificates: ours is for clients, those we believe are of the server.
  const { ca, servername, insecure, cert, key, timeout } = values;
  const server$ = peerAt(target, { timeout, tls: { ca, servername, insecure } });
  const overdue$ = overdue(stop$);
  const passOn = (client: Peer) => passing(client, server$, overdue$, values);
  if (address.scheme === 'stdio') {
    const stdio = await openStdio();
    const passed$ = passOn(stdio).pipe(takeUntil(stop$), takeUntil(stdio.failure$));
    await lastValueFrom(passed$, { defaultValue: undefined });
    return ExitCode.done;
  }
  const { maxConnections = 10_000, mode } = values;
  const connections$ = connectionsAt(address, {
    mode,
    tls: { cert, key },
    onListening(where) {
      if (values.json) process.stdout.write(jsonLine('listening', { address: where }));
      else tell(`listening on ${where}`);
    },
    onRefused(error, client) {
      tellError(messageOf(error));
      if (!values.json) return;
      process.stdout.write(jsonLine('refuse', { client, ...failureFields(error) }));
    },
  });
  const served$ = connections$.pipe(
    serve((connection) => passOn(peerOfConnection(connection, textOf(address))), {
      stop$,
      grace: LAST_GRACE,
      maxConnections,
      onError(error, { remoteAddress }) {
        tellError(`${remoteAddress ?? 'a client'}: ${messageOf(error)}`);
      },
    }),
  );
  await lastValueFrom(served$, { defaultValue: undefined });
  return ExitCode.done;
};

/** One client, from its connection to the server until both are closed. */
function passing(
  client: Peer,
  server$: Observable<Peer>,
  overdue$: Observable<never>,
  { idleTimeout, hex, json }: Values,
): Observable<never> {
  const event = (name: string, fields = {}) => {
    if (json) process.stdout.write(jsonLine(name, { client: client.name, ...fields }));
  };
  const dump = hex ? dumping() : () => undefined;
  const talkTo = (server: Peer) => {
    event('open', { server: server.name });
    const passed = { sent: 0, received: 0 };
    const activity$ = new Subject<void>();
    const onChunk: OnChunk = (direction, bytes) => {
      passed[direction] += bytes.length;
      activity$.next();
      dump(direction, bytes);
    };
    const cut$ = merge(overdue$, idleness(activity$, idleTimeout));
    return join(client, server, { onChunk, cut$ }).pipe(
      tap({
        complete() {
          event('close', passed);
        },
        error(error: unknown) {
          event('close', { ...passed, ...failureFields(error) });
        },
      }),
    );
  };
  return server$.pipe(
    takeUntil(overdue$),
    take(1), // so that its error is told once, behind what it sent before
    tap({
      error(error: unknown) {
        event('fail', failureFields(error));
      },
    }),
    mergeMap(talkTo),
  );
}

/** Dumps what is sent to the server (>), and what it answers (<). */
function dumping(): OnChunk {
  const { green, cyan } = paletteFor(process.stdout);
  const dumps = { sent: new HexDump('>'), received: new HexDump('<') };
  const paints = { sent: cyan, received: green };
  return (direction, bytes) => {
    process.stdout.write(paints[direction](dumps[direction].dump(bytes)));
  };
}
