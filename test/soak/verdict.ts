import { type Sample, slope } from './Sample';

/**
 * What grows for ever shows in the second half, when all that is compiled and pooled has been: MiB by which the line that
 * fits best rises in it. Threads that come and go leave their memory to the allocator, which gives it back late.
 */
const MAX_HEAP_RISE = 16;
const MAX_RSS_RISE = 64;
/** Half of the seconds are better, on however busy a machine; a loop that is stuck is not. */
const MAX_MEDIAN_DELAY_MS = 250;

/** What is wrong; empty: nothing. @param last when all it did has ended */
export function mistakes(samples: readonly Sample[], last: Sample): string[] {
  const half = samples.slice(Math.floor(samples.length / 2));
  const delays = half.map(({ delayP99 }) => delayP99).sort((a, b) => a - b);
  const idle = (['served', 'answers', 'reconnects', 'workers'] as const).filter(
    (key) => half.at(-1)![key] === half[0]![key],
  );
  const found = [
    last.wrong > 0 && `${last.wrong} answers were wrong`,
    idle.length > 0 && `nothing more came in the second half: ${idle.join(', ')}`,
    // The loop's own, and stdio, stay; whatever was open at the first sample is of connections.
    last.descriptors > samples[0]!.descriptors && `${last.descriptors} descriptors are left`,
    rise(half, 'heap') > MAX_HEAP_RISE && `the heap grows: ${perMinute(half, 'heap')}`,
    rise(half, 'rss') > MAX_RSS_RISE && `the memory grows: ${perMinute(half, 'rss')}`,
    delays[delays.length >> 1]! > MAX_MEDIAN_DELAY_MS && 'the event loop is late',
  ];
  return found.filter((mistake) => mistake !== false);
}

function rise(samples: readonly Sample[], key: keyof Sample): number {
  const minutes = (samples.at(-1)!.seconds - samples[0]!.seconds) / 60;
  return slope(samples, key) * minutes;
}

export function perMinute(samples: readonly Sample[], key: keyof Sample): string {
  return `${slope(samples, key).toFixed(2)} MiB a minute`;
}
