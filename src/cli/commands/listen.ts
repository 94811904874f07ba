import {
  finalize,
  identity,
  lastValueFrom,
  mergeMap,
  type Observable,
  take,
  takeUntil,
  tap,
} from 'rxjs';
import { serve } from 'bipoll/reactive';
import type { ValuesOf } from '../arguments/Option';
import type { Run } from '../Command';
import { converse } from '../converse';
import type { listenOptions } from '../definitions/listen';
import { defaultOnEnd, type OnEnd } from '../definitions/onEnd';
import { echo } from '../echo';
import { readEndpoint, textOf } from '../endpoints/Endpoint';
import { checkMode, connectionsAt, messagesAt } from '../endpoints/listenAt';
import { type Peer, peerOfConnection } from '../endpoints/Peer';
import { openStdio, type Stdio } from '../endpoints/stdio';
import { ExitCode, exitCodeOf, UsageError } from '../exitCodes';
import { framingOf } from '../framings';
import { LAST_GRACE, overdue, OverdueError } from '../overdue';
import { paletteFor } from '../shown/colours';
import { failureFields, jsonLine } from '../shown/json';
import { messageOf, tell, tellError } from '../shown/messages';
import { tellingEvents } from '../shown/tellingEvents';
import { checkShowing, trafficOf } from '../shown/Traffic';
import { stopping } from '../stopping';

type Values = ValuesOf<typeof listenOptions>;

/** Talks with whoever connects. */
export const run: Run<typeof listenOptions> = async (values, [address], stopSignal) => {
  const stop$ = stopping(stopSignal);
  const { keep, maxConnections = 1, idleTimeout, mode, json } = values;
  if (maxConnections > 1 && !keep) throw new UsageError('--max-connections needs --keep');
  const endpoint = readEndpoint(address!);
  checkShowing(values);
  checkMode(endpoint, mode);
  if (values.onEnd && (values.echo || maxConnections > 1)) {
    throw new UsageError('--on-end is about stdin, which is not sent with --echo or to several');
  }
  const stdio = await openStdio();
  const tellOf = (event: string, fields: Record<string, unknown>) => {
    stdio.send([jsonLine(event, fields)]).subscribe({ error() {} }); // `failure$` says so as well
  };
  const listening = {
    idleTimeout,
    mode,
    tls: values,
    onListening(where: string) {
      if (json) tellOf('listening', { address: where });
      else tell(`listening on ${where}`);
    },
    onRefused(error: Error, peer: string) {
      tellError(messageOf(error));
      if (json) tellOf('refuse', { peer, ...failureFields(error) });
    },
  };
  let exitCode: number = ExitCode.done;
  const talk = talkBy(values, defaultOnEnd(endpoint), stdio, overdue(stop$));
  const talks$: Observable<unknown> =
    endpoint.scheme === 'udp'
      ? messagesAt(endpoint, listening).pipe(take(1), mergeMap(talk), takeUntil(stop$))
      : connectionsAt(endpoint, listening).pipe(
          keep ? identity : take(1),
          serve((connection) => talk(peerOfConnection(connection, textOf(endpoint))), {
            stop$,
            grace: LAST_GRACE,
            maxConnections,
            onError(error, { remoteAddress }) {
              if (!keep) exitCode = exitCodeOf(error);
              tellError(`${remoteAddress ?? 'a client'}: ${messageOf(error)}`);
            },
          }),
        );
  await lastValueFrom(
    talks$.pipe(
      takeUntil(stdio.failure$),
      finalize(() => {
        stdio.close();
      }),
    ),
    { defaultValue: undefined },
  );
  return exitCode;
};

/** What is done with each client. */
function talkBy(
  values: Values,
  endOfStdin: OnEnd,
  stdio: Stdio,
  overdue$: Observable<never>,
): (peer: Peer) => Observable<never> {
  const { frame, hex, json, onEnd = endOfStdin, maxConnections = 1 } = values;
  const framing = frame === undefined ? null : framingOf(frame);
  const showing = { framing, hex, json, palette: paletteFor(process.stdout) };
  return (peer) => {
    const traffic = trafficOf(showing, peer.name);
    const talk = () => {
      if (values.echo) return echo(peer, stdio, hex || json || framing ? traffic : null);
      if (maxConnections > 1) return stdio.send(traffic.received(peer.data$));
      return converse(peer, stdio, { traffic, framing, onEnd });
    };
    const talk$ = talk().pipe(
      takeUntil(overdue$),
      tap({
        error(error: unknown) {
          if (error instanceof OverdueError) peer.reset();
        },
      }),
    );
    return tellingEvents(peer, stdio, json, talk$);
  };
}
