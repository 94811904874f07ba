import { channel } from 'node:diagnostics_channel';
import type { Connection } from './Connection';

/** Published on `bipoll:connection:open`: it was accepted, or connecting succeeded. */
export interface ConnectionOpened {
  readonly connection: Connection;
}

/** Published on `bipoll:connection:close`. */
export interface ConnectionClosed {
  readonly connection: Connection;
  /** Null for an orderly end. */
  readonly error: Error | null;
}

/** Published on `bipoll:connection:fail`: no connection was made, or one that waited was not accepted. */
export interface ConnectionFailed {
  readonly syscall: 'accept' | 'connect';
  readonly error: Error;
}

/** Published on `bipoll:connection:read`. */
export interface BytesRead {
  readonly connection: Connection;
  readonly bytes: number;
}

/** Published on `bipoll:connection:write`, whenever the system has taken bytes: those of several writes at once, if they were small. */
export interface BytesWritten {
  readonly connection: Connection;
  /** What the system took. */
  readonly bytes: number;
  /** What waits in the queue now. */
  readonly queuedBytes: number;
}

/**
 * The channels of `node:diagnostics_channel`. Whoever publishes asks `hasSubscribers` first, so that nothing is made
 * for nobody.
 */
export const channels = {
  open: channel('bipoll:connection:open'),
  close: channel('bipoll:connection:close'),
  fail: channel('bipoll:connection:fail'),
  read: channel('bipoll:connection:read'),
  write: channel('bipoll:connection:write'),
};
