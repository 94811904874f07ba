import { checkBoolean, checkInteger, type OptionNames } from './argument';

const MAX_MODE = 0o777;

/** How the socket file of a local socket is made. */
export interface SocketFileOptions {
  /**
   * Permission bits of the file: `0o600` by default, its owner alone. Never more open, not for a moment. A pipe of
   * Windows is its owner's, or everybody's if others may write.
   */
  mode?: number;
  /**
   * Removes the file, if it is still the same, when the socket closes or the process exits, also by `process.exit()` or
   * an uncaught error; true by default. A signal that kills the process leaves the file behind. A pipe disappears by
   * itself.
   */
  deleteOnClose?: boolean;
  /** Replaces a stale socket file, safely even if others start at the same time. */
  replaceStale?: boolean;
}

export const SOCKET_FILE_OPTIONS: OptionNames<SocketFileOptions> = {
  mode: true,
  deleteOnClose: true,
  replaceStale: true,
};

/** Checked, in the order in which the native calls take them. */
export type CheckedSocketFileOptions = readonly [
  mode: number,
  deleteOnClose: boolean,
  replaceStale: boolean,
];

export function checkSocketFileOptions(options: SocketFileOptions): CheckedSocketFileOptions {
  return [
    checkInteger('mode', options.mode ?? 0o600, 0, MAX_MODE),
    checkBoolean('deleteOnClose', options.deleteOnClose ?? true),
    checkBoolean('replaceStale', options.replaceStale ?? false),
  ];
}
