import { concatMap, identity, type MonoTypeOperatorFunction } from 'rxjs';

/** Cuts chunks that are longer than a limit. */
export function pieces(maxBytes: number): MonoTypeOperatorFunction<Uint8Array> {
  return maxBytes === Infinity ? identity : concatMap((bytes) => piecesOf(bytes, maxBytes));
}

function* piecesOf(bytes: Uint8Array, maxBytes: number): Generator<Uint8Array, void, undefined> {
  if (bytes.length === 0) yield bytes;
  for (let start = 0; start < bytes.length; start += maxBytes) {
    yield bytes.subarray(start, start + maxBytes);
  }
}
