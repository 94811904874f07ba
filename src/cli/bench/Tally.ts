import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** What a load has come to. Its memory does not grow with the number of requests. */
export class Tally {
  requests = 0;
  /** Requests that were due, and have no answer. Latencies count how long they have waited so far. */
  unanswered = 0;
  bytesSent = 0;
  bytesReceived = 0;
  readonly #latencies: RecordableHistogram = createHistogram();
  #slowestAnswer = 0;
  #start: number | null = null;
  #end: number | null = null;

  start(): void {
    this.#start = performance.now();
  }

  /** @param latency milliseconds from the request to its answer */
  onAnswer(latency: number): void {
    this.requests++;
    this.#slowestAnswer = Math.max(this.#slowestAnswer, latency);
    this.#record(latency);
  }

  /** One was under way at the end. It counts only if it has waited longer than whatever was answered. */
  onCutOff(age: number): void {
    if (age > this.#slowestAnswer) this.onUnanswered(age);
  }

  /** @param age milliseconds for which it has waited by the end, as have others, `count` in all */
  onUnanswered(age: number, count = 1): void {
    this.unanswered += count;
    this.#record(age);
  }

  #record(latency: number): void {
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
    return this.#latencies.count === 0 ? 0 : this.#latencies.percentile(percentile) / 1e6;
  }

  get longest(): number {
    return this.#latencies.count === 0 ? 0 : this.#latencies.max / 1e6;
  }
}
