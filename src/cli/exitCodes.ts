import { constants } from 'node:os';

/** What the process exits with; `bipoll help` lists them. */
export const ExitCode = {
  done: 0,
  /** Nobody is there, the peer reset the connection, no port is open, a certificate is not believed. */
  failed: 1,
  misused: 2,
  /** As of timeout(1). */
  timedOut: 124,
  /** Whoever read our output has left, as `head` does: what a shell reports for SIGPIPE. */
  outputClosed: 141,
} as const;

/** The command line makes no sense: says how to call it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Whoever read our stdout has left. */
export class OutputClosedError extends Error {
  override readonly name = 'OutputClosedError';
}

/** Our stdin or stdout has failed, as a full disk does. */
export class StdioError extends Error {
  override readonly name = 'StdioError';
  readonly code: string | undefined;

  constructor(
    readonly stream: 'stdin' | 'stdout',
    cause: Error,
  ) {
    super(`${stream}: ${cause.message}`, { cause });
    this.code = codeOf(cause);
  }
}

/** How writing to stdout fails when its reader has left: a pipe, a socket with something unread, or one known to be gone. */
const NOBODY_READS = new Set(['EPIPE', 'ECONNRESET', 'ERR_SOCKET_CLOSED']);

export function meansNobodyReads(error: unknown): boolean {
  return NOBODY_READS.has(codeOf(error) ?? '');
}

/** What a shell reports for a process that a signal has ended. */
export function exitCodeOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return ExitCode.misused;
  if (error instanceof OutputClosedError) return ExitCode.outputClosed;
  const code = codeOf(error);
  if (code === 'ETIMEDOUT') return ExitCode.timedOut;
  // The library refuses what only it can judge, such as a path that is too long.
  const isMisuse = code?.startsWith('ERR_INVALID_ARG') || code === 'ERR_OUT_OF_RANGE';
  return isMisuse ? ExitCode.misused : ExitCode.failed;
}

export function codeOf(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

/** The same error, which names nobody, with the place that it is about. */
export function errorAt(place: string, cause: unknown): Error {
  const error = new Error(`${place}: ${(cause as Error).message}`, { cause });
  return Object.assign(error, { code: codeOf(cause) });
}
