import { Worker } from 'node:worker_threads';
import { native, type Token } from '../../core/native';
import { sendAllStaged } from '../../core/staged';
import type { SessionRequest } from './letters';
import text from './thread/program.ts?text';

/** Milliseconds for which an exit waits until what was written is sent. */
const EXIT_PATIENCE = 2000;

/** Flags of Node.js that the thread needs as well. It gets no others, as they may load what it has no use for. */
const TLS_FLAG = /^--tls-m(in|ax)-v/;

/** The one thread that does the TLS of all blocking streams of its parent. It does not keep the process alive. */
export class TlsThread {
  static #current: TlsThread | null = null;

  /** The one of this thread, which is started when it is first needed. */
  static get current(): TlsThread {
    return (TlsThread.#current ??= new TlsThread());
  }

  readonly #worker: Worker;
  /** How many sessions have something to send, or can still get it. */
  readonly #unsent = new Int32Array(new SharedArrayBuffer(4));
  /** Our ends of the pairs of open sessions. */
  readonly #streams = new Set<Token>();
  /** Whether it has died, and takes no more messages. */
  isOver = false;
  readonly #sendAll = () => {
    this.#sendAllBeforeExit();
  };

  private constructor() {
    this.#worker = new Worker(text, {
      eval: true,
      workerData: this.#unsent,
      execArgv: process.execArgv.filter((flag) => TLS_FLAG.test(flag)),
    });
    this.#worker.unref();
    this.#worker.once('exit', () => {
      this.#onExit();
    });
    process.once('exit', this.#sendAll);
  }

  /** Begins a session, whose plain bytes go through `stream`. */
  begin(request: SessionRequest, stream: Token): void {
    Atomics.add(this.#unsent, 0, 1);
    this.#streams.add(stream);
    this.#worker.postMessage(request, [request.port]);
  }

  /** The stream of a session is closed, or given away. */
  forget(stream: Token): void {
    this.#streams.delete(stream);
  }

  /** It has died, of too little memory for instance: the next session gets another one. */
  #onExit(): void {
    this.isOver = true;
    if (TlsThread.#current === this) TlsThread.#current = null;
    process.off('exit', this.#sendAll);
  }

  /** Ends all sessions, and waits until the system has what was written to them. */
  #sendAllBeforeExit(): void {
    sendAllStaged();
    for (const stream of this.#streams) native.shutdown(stream);
    const end = performance.now() + EXIT_PATIENCE;
    for (let left = EXIT_PATIENCE; left > 0; left = end - performance.now()) {
      const count = Atomics.load(this.#unsent, 0);
      if (count === 0) return;
      Atomics.wait(this.#unsent, 0, count, left);
    }
  }
}
