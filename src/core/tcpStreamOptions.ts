import { checkBoolean, checkInteger, type OptionNames } from './argument';

const MAX_INT = 2 ** 31 - 1;
/** Linux refuses more seconds than 15 bits hold. */
const MAX_KEEP_ALIVE = 32_767_000;

/** How a TCP stream behaves. */
export interface TcpStreamOptions {
  /** Sends small writes at once; true by default, unlike `node:net`, since messages wait for replies. */
  noDelay?: boolean;
  /** Probes an idle connection: true, or the idle milliseconds before the first probe, at most 32,767,000. */
  keepAlive?: boolean | number;
  /** Milliseconds that sent bytes may stay unacknowledged before the connection fails (Linux). */
  userTimeout?: number;
}

export const TCP_STREAM_OPTIONS: OptionNames<TcpStreamOptions> = {
  noDelay: true,
  keepAlive: true,
  userTimeout: true,
};

/** Checked, in the order in which the native calls take them. */
export type CheckedTcpStreamOptions = readonly [
  noDelay: boolean,
  keepAlive: boolean,
  keepAliveSeconds: number,
  userTimeout: number,
];

export const TCP_STREAM_DEFAULTS: CheckedTcpStreamOptions = [true, false, 0, 0];

/** @param defaults for what is not given */
export function checkTcpStreamOptions(
  options: TcpStreamOptions,
  defaults = TCP_STREAM_DEFAULTS,
): CheckedTcpStreamOptions {
  const { noDelay = defaults[0], keepAlive, userTimeout = defaults[3] } = options;
  return [
    checkBoolean('noDelay', noDelay),
    keepAlive === undefined ? defaults[1] : keepAlive !== false,
    keepAlive === undefined ? defaults[2] : keepAliveSeconds(keepAlive),
    checkInteger('userTimeout', userTimeout, 0, MAX_INT),
  ];
}

function keepAliveSeconds(value: unknown): number {
  if (typeof value === 'boolean') return 0;
  return Math.max(1, Math.round(checkInteger('keepAlive', value, 1, MAX_KEEP_ALIVE) / 1000));
}
