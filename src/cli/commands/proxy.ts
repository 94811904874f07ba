import { lastValueFrom, mergeMap, type Observable, take, takeUntil, tap } from 'rxjs';
import { serve } from 'bipoll/reactive';
import type { ValuesOf } from '../arguments/Option';
import type { Run } from '../Command';
import type { proxyOptions } from '../definitions/proxy';
import { peerAt } from '../endpoints/connectTo';
import { type Endpoint, readEndpoint, textOf } from '../endpoints/Endpoint';
import { connectionsAt } from '../endpoints/listenAt';
import { type Peer, peerOfConnection } from '../endpoints/Peer';
import { openStdio } from '../endpoints/stdio';
import { codeOf, ExitCode, UsageError } from '../exitCodes';
import { join, type OnChunk, type Passed } from '../join';
import { paletteFor } from '../shown/colours';
import { HexDump } from '../shown/hexDump';
import { jsonLine } from '../shown/json';
import { messageOf, tell, tellError } from '../shown/messages';
import { stopping } from '../stopping';

type Values = ValuesOf<typeof proxyOptions>;

/** Passes each connection on to another server. */
export const run: Run<typeof proxyOptions> = async (values, words, stopSignal) => {
  const stop$ = stopping(stopSignal);
  const [address, target] = words.map(readEndpoint) as [Endpoint, Endpoint];
  if (target.scheme === 'stdio') throw new UsageError('TARGET is a server, not -');
  if (values.hex && values.json) throw new UsageError('It is either --hex or --json');
  // Of both sides, each has its own certificates: ours is for clients, those we believe are of the server.
  const { ca, servername, insecure, cert, key, timeout, idleTimeout } = values;
  const server$ = peerAt(target, { timeout, idleTimeout, tls: { ca, servername, insecure } });
  const passOn = (client: Peer) => passing(client, server$, values);
  if (address.scheme === 'stdio') {
    const stdio = await openStdio();
    await lastValueFrom(passOn(stdio).pipe(takeUntil(stop$)), { defaultValue: undefined });
    return ExitCode.done;
  }
  const { maxConnections = 10_000, mode } = values;
  const connections$ = connectionsAt(address, {
    idleTimeout,
    mode,
    tls: { cert, key },
    onListening(where) {
      if (values.json) process.stdout.write(jsonLine('listening', { address: where }));
      else tell(`listening on ${where}`);
    },
    onError(error) {
      tellError(messageOf(error));
    },
  });
  const served$ = connections$.pipe(
    serve((connection) => passOn(peerOfConnection(connection, textOf(address))), {
      stop$,
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
  { hex, json }: Values,
): Observable<Passed> {
  const event = (name: string, fields = {}) => {
    if (json) process.stdout.write(jsonLine(name, { client: client.name, ...fields }));
  };
  const onChunk = hex ? dumping() : () => undefined;
  return server$.pipe(
    take(1), // so that its error is told once, behind what it sent before
    mergeMap((server) => {
      event('open', { server: server.name });
      return join(client, server, onChunk);
    }),
    tap({
      next(passed) {
        event('close', passed);
      },
      error(error: unknown) {
        event('fail', { code: codeOf(error), message: messageOf(error) });
      },
    }),
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
