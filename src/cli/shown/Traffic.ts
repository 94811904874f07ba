import { identity, map, type Observable } from 'rxjs';
import { withNewline } from '../byteLines';
import { UsageError } from '../exitCodes';
import type { Framing } from '../framings';
import type { Palette } from './colours';
import { HexDump } from './hexDump';
import { jsonBytes, jsonLine } from './json';

/** How the bytes of one peer are shown. */
export interface Traffic {
  /** What is written of what comes. */
  received(data$: Observable<Uint8Array>): Observable<Uint8Array | string>;
  /** What is written of what is sent, if anything is. */
  sent(bytes: Uint8Array): string | null;
}

/** What was asked for; bytes as they are by default. */
export interface TrafficOptions {
  readonly framing: Framing | null;
  readonly hex: boolean;
  readonly json: boolean;
  readonly palette: Palette;
}

/** @throws UsageError for both of two ways to show bytes */
export function checkShowing({ hex, json }: Pick<TrafficOptions, 'hex' | 'json'>): void {
  if (hex && json) throw new UsageError('It is either --hex or --json');
}

/** @param peer whose bytes they are, for JSON */
export function trafficOf({ framing, hex, json, palette }: TrafficOptions, peer: string): Traffic {
  if (json) return jsonTraffic(framing, peer);
  if (hex) return hexTraffic(palette);
  return {
    received: (data$) =>
      framing
        ? data$.pipe(
            framing.cut,
            map((frame) => withNewline(frame, '\n')),
          )
        : data$,
    sent: () => null,
  };
}

function jsonTraffic(framing: Framing | null, peer: string): Traffic {
  const event = (name: string, bytes: Uint8Array) =>
    jsonLine(name, { peer, bytes: bytes.length, ...jsonBytes(bytes) });
  return {
    received: (data$) =>
      data$.pipe(
        framing?.cut ?? identity<Observable<Uint8Array>>,
        map((bytes) => event('received', bytes)),
      ),
    sent: (bytes) => event('sent', bytes),
  };
}

function hexTraffic({ green, cyan }: Palette): Traffic {
  const [incoming, outgoing] = [new HexDump('<'), new HexDump('>')];
  return {
    received: (data$) => data$.pipe(map((bytes) => green(incoming.dump(bytes)))),
    sent: (bytes) => cyan(outgoing.dump(bytes)),
  };
}
