import { checkArray, invalidValue } from './argument';
import { orThrow } from './errors';
import { native } from './native';
import { signalNumber } from './signalNumbers';
import { SignalSource } from './SignalSource';

/** Signals that a script can wait for. */
export type WatchableSignal = Exclude<
  NodeJS.Signals,
  'SIGKILL' | 'SIGSTOP' | 'SIGBUS' | 'SIGFPE' | 'SIGILL' | 'SIGSEGV'
>;

/** Nobody can handle the first two; the others would come again for ever, as the fault remains. */
const UNWATCHABLE = new Set(['SIGKILL', 'SIGSTOP', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGSEGV']);

/**
 * Watches for signals while Node's event loop does not run. As with `process.on('SIGINT')`, from now on they no longer end
 * the process; closing the source undoes that. It works in any thread. Each source has a pipe of its own, and so sees each signal.
 *
 * @param signals one name or several, as in `process.on`
 * @throws TypeError `ERR_INVALID_ARG_*`: not a signal of this system, or one that cannot be waited for
 * @throws SocketError `ENOTSUP` on Windows, and in programs without libuv (Bun, Deno). `capabilities().features.signals`
 *   tells
 *
 * @example
 * using interrupts = watchSignals(['SIGINT', 'SIGTERM']);
 * poller.monitor(interrupts, 'signalled');
 * for (const { socket } of poller.wait(Infinity)) if (socket === interrupts) stop(interrupts.take());
 */
export function watchSignals(signals: WatchableSignal | readonly WatchableSignal[]): SignalSource {
  const names = namesByNumber(signals);
  const token = native.openSignalSource([...names.keys()]);
  return new SignalSource(orThrow(token, 'watchSignals'), names);
}

function namesByNumber(signals: unknown): Map<number, NodeJS.Signals> {
  const expected = 'the name of a signal or an array of them';
  const names = typeof signals === 'string' ? [signals] : checkArray('signals', expected, signals);
  const found = new Map<number, NodeJS.Signals>();
  for (const name of names) {
    const number = signalNumber(name);
    if (number === undefined || UNWATCHABLE.has(name as string)) {
      throw invalidValue('signals', 'must be of those that can be waited for here', name);
    }
    found.set(number, name as NodeJS.Signals);
  }
  if (found.size === 0) throw invalidValue('signals', 'must name at least one', signals);
  return found;
}
