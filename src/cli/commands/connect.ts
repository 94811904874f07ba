import { finalize, lastValueFrom, mergeMap, take, takeUntil } from 'rxjs';
import type { Run } from '../Command';
import { converse } from '../converse';
import type { connectOptions } from '../definitions/connect';
import { defaultOnEnd } from '../definitions/onEnd';
import { peerAt } from '../endpoints/connectTo';
import { readEndpoint } from '../endpoints/Endpoint';
import { openStdio } from '../endpoints/stdio';
import { ExitCode } from '../exitCodes';
import { framingOf } from '../framings';
import { paletteFor } from '../shown/colours';
import { tell } from '../shown/messages';
import { tellingEvents } from '../shown/tellingEvents';
import { checkShowing, trafficOf } from '../shown/Traffic';
import { stopping } from '../stopping';

/** Connects stdin and stdout with a server. */
export const run: Run<typeof connectOptions> = async (values, [target], stopSignal) => {
  const stop$ = stopping(stopSignal);
  const { timeout, idleTimeout, frame, hex, json, verbose } = values;
  checkShowing(values);
  const endpoint = readEndpoint(target!);
  const { onEnd = defaultOnEnd(endpoint) } = values;
  const framing = frame === undefined ? null : framingOf(frame);
  const peer$ = peerAt(endpoint, { timeout, idleTimeout, tls: values });
  const stdio = await openStdio();
  const conversation$ = peer$.pipe(
    take(1), // its error is told by its data, behind what came before
    mergeMap((peer) => {
      if (verbose) tell(`connected to ${peer.name}`);
      const showing = { framing, hex, json, palette: paletteFor(process.stdout) };
      const traffic = trafficOf(showing, peer.name);
      const talk$ = converse(peer, stdio, { traffic, framing, onEnd });
      return tellingEvents(peer, stdio, json, talk$);
    }),
    takeUntil(stop$),
    finalize(() => {
      stdio.close();
    }),
  );
  await lastValueFrom(conversation$, { defaultValue: undefined });
  return ExitCode.done;
};
