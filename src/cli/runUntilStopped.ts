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
  const { signal: stopSignal } = stop;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopSignal.aborted) process.exit(exitCodeOfSignal(signal));
    stop.abort(signal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    const exitCode = await run(stopSignal);
    return stopSignal.aborted ? exitCodeOfSignal(stopSignal.reason as NodeJS.Signals) : exitCode;
  } catch (error) {
    if (stopSignal.aborted) return exitCodeOfSignal(stopSignal.reason as NodeJS.Signals);
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}
