import { UsageError } from '../exitCodes';

/** Timers of JavaScript take no more milliseconds. */
const LONGEST_DURATION = 2 ** 31 - 1;

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  '': 1000,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const BYTES: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Milliseconds: `500ms`, `10s`, `2m`, `1h`; without a unit, seconds, as of sleep(1) and timeout(1). */
export function readDuration(text: string, name: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|)$/.exec(text) ?? [];
  const duration = Math.round(Number(number) * (MILLISECONDS[unit ?? ''] ?? NaN));
  if (duration >= 0 && duration <= LONGEST_DURATION) return duration;
  throw new UsageError(
    `${name} takes a time such as 500ms, 10s or 2m, of 24 days at most: ${text}`,
  );
}

/** As {@link readDuration}, but not zero. */
export function readPeriod(text: string, name: string): number {
  const duration = readDuration(text, name);
  if (duration > 0) return duration;
  throw new UsageError(`${name} takes a time above zero: ${text}`);
}

/** Bytes: `512`, `64k`, `1m`. */
export function readSize(text: string, name: string): number {
  const [, number, unit] = /^(\d+)([kmg]?)$/i.exec(text) ?? [];
  const bytes = Number(number) * (BYTES[(unit ?? '').toLowerCase()] ?? NaN);
  if (bytes >= 1 && bytes <= 2 ** 30) return bytes;
  throw new UsageError(
    `${name} takes a number of bytes such as 512, 64k or 1m, 1g at most: ${text}`,
  );
}

/** A whole number from 1 to a billion. */
export function readCount(text: string, name: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= 1e9) return count;
  throw new UsageError(`${name} takes a whole number from 1 to 1000000000: ${text}`);
}

/** A port to listen at; 0 lets the system choose. */
export function readPort(text: string, name: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`${name} takes a port: ${text}`);
}

/** The mode of a socket file, in octal: `660`. */
export function readMode(text: string, name: string): number {
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8);
  throw new UsageError(`${name} takes the mode of a file in octal, such as 660: ${text}`);
}

/** Ports and ranges of them, `22,80,8000-8100`, in ascending order. */
export function readPorts(text: string): number[] {
  const ports = new Set<number>();
  for (const range of text.split(',')) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (!(from >= 1 && from <= to && to <= 65_535)) {
      throw new UsageError(
        `Ports are numbers from 1 to 65535 and ranges, as 22,8000-8100: ${text}`,
      );
    }
    for (let port = from; port <= to; port++) ports.add(port);
  }
  return [...ports].sort((a, b) => a - b);
}

/** Makes a reader of one of some names. */
export function readOneOf<Name extends string>(
  names: readonly Name[],
): (text: string, option: string) => Name {
  return (text, option) => {
    const found = names.find((name) => name === text);
    if (found !== undefined) return found;
    throw new UsageError(`${option} is one of ${names.join(', ')}: ${text}`);
  };
}
