/** What the process under load says of itself, once a second. Memory in MiB, after a collection; delays in milliseconds. */
export interface Sample {
  readonly seconds: number;
  readonly heap: number;
  readonly rss: number;
  readonly descriptors: number;
  /** Of the event loop, in this second; a collection by hand is no part of it. */
  readonly delayP99: number;
  readonly longest: number;
  /** Since the start: lines that the service read, answers of the peer, and connections to it, workers that have gone. */
  readonly served: number;
  readonly answers: number;
  readonly reconnects: number;
  readonly workers: number;
  /** Answers that were not what was asked for. */
  readonly wrong: number;
}

/** By how much a value grows in a minute: the slope of the line that fits best. */
export function slope(samples: readonly Sample[], key: keyof Sample): number {
  const minutes = samples.map(({ seconds }) => seconds / 60);
  const values = samples.map((sample) => sample[key]);
  const [x, y] = [mean(minutes), mean(values)];
  const covariance = minutes.reduce((sum, minute, i) => sum + (minute - x) * (values[i]! - y), 0);
  return covariance / minutes.reduce((sum, minute) => sum + (minute - x) ** 2, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
