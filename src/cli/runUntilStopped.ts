import { exitCodeOfSignal } from './exitCodes';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs something until it is done, or has ended since a signal told it to. A second signal ends the process at once.
 *
 * @returns its exit code, or that of the signal
 */
export async function runUntilStopped(
  run: (stopSignal: AbortSignal) => number | Promise<number>,
): Promise<number> {
  const stop = new AbortController();
  let received: NodeJS.Signals | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    if (received) process.exit(exitCodeOfSignal(signal));
    received = signal;
    stop.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    const exitCode = await run(stop.signal);
    return received ? exitCodeOfSignal(received) : exitCode;
  } catch (error) {
    if (received) return exitCodeOfSignal(received);
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}
