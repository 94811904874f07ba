import { identity, map, type Observable } from 'rxjs';
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

/** @param peer whose bytes they are, for JSON */
export function trafficOf({ framing, hex, json, palette }: TrafficOptions, peer: string): Traffic {
  if (json) return jsonTraffic(framing, peer);
  if (hex) return hexTraffic(palette);
  return {
    received: (data$) => (framing ? data$.pipe(framing.cut, map(line)) : data$),
    sent: () => null,
  };
}

function line(frame: string | Uint8Array): Uint8Array | string {
  return typeof frame === 'string' ? `${frame}\n` : Buffer.concat([frame, Buffer.from('\n')]);
}

function jsonTraffic(framing: Framing | null, peer: string): Traffic {
  const event = (name: string, bytes: Uint8Array | string) => {
    const content = typeof bytes === 'string' ? { text: bytes } : jsonBytes(bytes);
    return jsonLine(name, { peer, bytes: Buffer.byteLength(bytes), ...content });
  };
  return {
    received: (data$) =>
      data$.pipe(
        framing?.cut ?? identity<Observable<Uint8Array | string>>,
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
