import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** What a load has come to. Its memory does not grow with the number of requests. */
export class Tally {
  requests = 0;
  bytesSent = 0;
  bytesReceived = 0;
  readonly #latencies: RecordableHistogram = createHistogram();
  #start: number | null = null;
  #end: number | null = null;

  start(): void {
    this.#start = performance.now();
  }

  /** @param latency milliseconds from the request to its answer */
  onAnswer(latency: number): void {
    this.requests++;
    this.#latencies.record(Math.max(1, Math.round(latency * 1e6)));
  }

  stop(): void {
    this.#end = performance.now();
  }

  get seconds(): number {
    return this.#start === null ? 0 : ((this.#end ?? performance.now()) - this.#start) / 1000;
  }

  /** Requests a second. */
  get rate(): number {
    return this.requests === 0 ? 0 : this.requests / this.seconds;
  }

  /** In milliseconds: that of which so many percent are no slower. */
  latency(percentile: number): number {
    return this.requests === 0 ? 0 : this.#latencies.percentile(percentile) / 1e6;
  }

  get longest(): number {
    return this.requests === 0 ? 0 : this.#latencies.max / 1e6;
  }
}
