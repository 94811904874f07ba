import { once } from 'node:events';
import net from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { PATIENCE } from '../support/patience';
import type { Target } from './Service';

/** A well-behaved client: it asks, waits for the answer, and asks again. It knows nothing of bipoll. */
export class Client {
  /** How long each answer took, in milliseconds; over a new connection that of connecting, too. */
  readonly latencies: number[] = [];
  readonly #target: Target;
  #kept: { socket: net.Socket; lines: Interface } | null = null;

  constructor(target: Target) {
    this.#target = target;
  }

  /** Asks over the connection that it keeps. @throws Error the service does not answer */
  async ask(): Promise<void> {
    this.#kept ??= await this.#connect();
    const { socket, lines } = this.#kept;
    const begun = performance.now();
    const request = `ping ${this.latencies.length}`;
    const answer = once(lines, 'line', { signal: AbortSignal.timeout(PATIENCE) });
    socket.write(`${request}\n`);
    const [line] = (await answer) as [string];
    if (line.toLowerCase() !== request) throw new Error(`A wrong answer to ${request}: ${line}`);
    this.latencies.push(performance.now() - begun);
  }

  /** Asks over a connection of its own. */
  async visit(): Promise<void> {
    const begun = performance.now();
    const visitor = new Client(this.#target);
    await visitor.ask();
    visitor.leave();
    this.latencies.push(performance.now() - begun);
  }

  leave(): void {
    this.#kept?.socket.destroy();
    this.#kept = null;
  }

  /** A local socket refuses at once when its backlog is full: a client has to try again, as here. */
  async #connect(): Promise<{ socket: net.Socket; lines: Interface }> {
    for (const deadline = performance.now() + PATIENCE; ;) {
      const socket = net.connect(this.#target);
      try {
        await once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE) });
        socket.on('error', () => undefined); // the answer that does not come tells it
        return { socket, lines: createInterface({ input: socket }) };
      } catch (error) {
        socket.destroy();
        const isFull = (error as NodeJS.ErrnoException).code === 'EAGAIN';
        if (!isFull || performance.now() > deadline) throw error;
      }
    }
  }
}
