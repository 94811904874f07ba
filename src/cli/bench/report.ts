import type { Palette } from '../shown/colours';
import { jsonLine } from '../shown/json';
import type { Tally } from './Tally';

const PERCENTILES = [50, 90, 99] as const;
const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** What a load has come to, in a few lines or as one of JSON. */
export function reportOf(
  tally: Tally,
  connections: number,
  json: boolean,
  { bold }: Palette,
): string {
  const { requests, unanswered, rate, seconds, bytesSent, bytesReceived, longest } = tally;
  if (json) {
    const [p50, p90, p99] = PERCENTILES.map((percentile) => tally.latency(percentile));
    const latency = { p50, p90, p99, max: longest };
    return jsonLine('done', {
      ...{ connections, seconds, requests, unanswered, rate },
      ...{ bytesSent, bytesReceived, latency },
    });
  }
  const percentiles = PERCENTILES.map(
    (percentile) => `p${percentile} ${milliseconds(tally.latency(percentile))}`,
  );
  const waiting = unanswered === 0 ? '' : `, ${number.format(unanswered)} more have no answer yet`;
  const rows = [
    ['requests', `${number.format(requests)} in ${number.format(seconds)} s${waiting}`],
    ['rate', `${number.format(rate)} a second`],
    ['latency', `${percentiles.join(', ')}, longest ${milliseconds(longest)}`],
    ['sent', `${bytes(bytesSent)}, ${bytes(bytesSent / seconds)} a second`],
    ['received', `${bytes(bytesReceived)}, ${bytes(bytesReceived / seconds)} a second`],
  ] as const;
  return rows.map(([name, value]) => `${bold(name.padEnd(10))}${value}\n`).join('');
}

/** The figures so far, in one line. */
export function liveLine(tally: Tally): string {
  const latency = `p50 ${milliseconds(tally.latency(50))}, p99 ${milliseconds(tally.latency(99))}`;
  return `${number.format(tally.rate)} requests a second, ${latency}, ${bytes(tally.bytesReceived)}`;
}

function milliseconds(time: number): string {
  return `${time.toPrecision(3)} ms`;
}

function bytes(count: number): string {
  if (count >= 1e6) return `${number.format(count / 1e6)} MB`;
  return count >= 1e3 ? `${number.format(count / 1e3)} kB` : `${number.format(count)} B`;
}
