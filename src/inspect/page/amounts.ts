const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in few digits: `950 B`, `1.2 kB`, `45 MB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]!}`;
}

/** How many in a second: `0`, `0.5`, `12`, `3400`. */
export function rateText(rate: number): string {
  return rate > 0 && rate < 9.95 ? rate.toFixed(1) : String(Math.round(rate));
}
