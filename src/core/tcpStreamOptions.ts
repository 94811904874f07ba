import {
  checkBoolean,
  checkInteger,
  checkString,
  invalidValue,
  type OptionNames,
} from './argument';
import type { Features } from './capabilities';
import { errorOfCode, SocketError } from './errors';
import { native, TcpSetting } from './native';

const MAX_INT = 2 ** 31 - 1;
/** Linux refuses more seconds than 15 bits hold. */
const MAX_SECONDS = 32_767;
const MAX_MILLISECONDS = MAX_SECONDS * 1000;

/** How a TCP stream behaves. What is not given is as the system has it, `noDelay` excepted. */
export interface TcpStreamOptions {
  /** Sends small writes at once; true by default, unlike `node:net`, since messages wait for replies. */
  noDelay?: boolean;
  /** Probes an idle connection: true, or the idle milliseconds before the first probe, at most 32,767,000. */
  keepAlive?: boolean | number;
  /** Milliseconds from one unanswered probe to the next, at most 32,767,000. Systems count full seconds. */
  keepAliveInterval?: number;
  /** How many unanswered probes end the connection, at most 127 (on Windows since Windows 10). */
  keepAliveCount?: number;
  /** Milliseconds that sent bytes may stay unacknowledged before the connection fails (Linux). */
  userTimeout?: number;
  /**
   * Milliseconds, in full seconds, for which `close()` may **block the thread** until the peer has acknowledged what is
   * unsent, at most 32,767,000. 0: closing resets the connection, and what is unsent is lost; Windows takes nothing else.
   * By default `close()` returns at once and the system sends the rest.
   */
  linger?: number;
  /**
   * Bytes that may wait to be read. The system may change it: Linux doubles it for its own needs, up to
   * `net.core.rmem_max`. Set before connecting or listening, so that the window can grow with it.
   */
  receiveBufferSize?: number;
  /** Bytes that may wait to be sent or acknowledged, likewise. */
  sendBufferSize?: number;
  /** The type of service of IPv4, the traffic class of IPv6: 0 to 255. The lowest two bits are the system's (not Windows). */
  typeOfService?: number;
  /** The name of the only network interface that it uses, as of `os.networkInterfaces()` (Linux, macOS, Windows). */
  interface?: string;
}

export const TCP_STREAM_OPTIONS: OptionNames<TcpStreamOptions> = {
  noDelay: true,
  keepAlive: true,
  keepAliveInterval: true,
  keepAliveCount: true,
  userTimeout: true,
  linger: true,
  receiveBufferSize: true,
  sendBufferSize: true,
  typeOfService: true,
  interface: true,
};

const asItIs = (value: number) => value;
const nearestSeconds = (value: number) => Math.max(1, Math.round(value / 1000));
const secondsToCover = (value: number) => Math.ceil(value / 1000);

const INTEGERS = [
  {
    name: 'keepAliveInterval',
    setting: TcpSetting.KeepAliveInterval,
    min: 1,
    max: MAX_MILLISECONDS,
    convert: nearestSeconds,
  },
  {
    name: 'keepAliveCount',
    setting: TcpSetting.KeepAliveCount,
    min: 1,
    max: 127,
    convert: asItIs,
  },
  { name: 'userTimeout', setting: TcpSetting.UserTimeout, min: 0, max: MAX_INT, convert: asItIs },
  {
    name: 'linger',
    setting: TcpSetting.Linger,
    min: 0,
    max: MAX_MILLISECONDS,
    convert: secondsToCover,
  },
  {
    name: 'receiveBufferSize',
    setting: TcpSetting.ReceiveBufferSize,
    min: 1,
    max: MAX_INT,
    convert: asItIs,
  },
  {
    name: 'sendBufferSize',
    setting: TcpSetting.SendBufferSize,
    min: 1,
    max: MAX_INT,
    convert: asItIs,
  },
  { name: 'typeOfService', setting: TcpSetting.TypeOfService, min: 0, max: 255, convert: asItIs },
] as const;

/** Checked, in the order in which the native calls take them. */
export type CheckedTcpStreamOptions = readonly [
  /** A number for each of `TcpSetting`, or {@link UNCHANGED}. */
  settings: Int32Array,
  networkInterface: string | null,
];

const UNCHANGED = -1;

/** Those of a stream that has its options already. */
export const NO_TCP_STREAM_OPTIONS: CheckedTcpStreamOptions = [
  new Int32Array(Object.keys(TcpSetting).length).fill(UNCHANGED),
  null,
];

export const TCP_STREAM_DEFAULTS = checkTcpStreamOptions(
  { noDelay: true, keepAlive: false },
  NO_TCP_STREAM_OPTIONS,
);

/** @param defaults for what is not given; they are returned if nothing is */
export function checkTcpStreamOptions(
  options: TcpStreamOptions,
  defaults: CheckedTcpStreamOptions,
): CheckedTcpStreamOptions {
  if (!Object.keys(TCP_STREAM_OPTIONS).some((name) => Object.hasOwn(options, name)))
    return defaults;
  const settings = Int32Array.from(defaults[0]);
  const { noDelay, keepAlive } = options;
  if (noDelay !== undefined) {
    settings[TcpSetting.NoDelay] = Number(checkBoolean('noDelay', noDelay));
  }
  if (keepAlive !== undefined) {
    settings[TcpSetting.KeepAlive] = Number(keepAlive !== false);
    settings[TcpSetting.KeepAliveIdle] = idleSeconds(keepAlive);
  }
  for (const { name, setting, min, max, convert } of INTEGERS) {
    const value = options[name];
    if (value !== undefined) settings[setting] = convert(checkInteger(name, value, min, max));
  }
  if (options.userTimeout !== undefined) checkSupport('userTimeout');
  if (options.typeOfService !== undefined) checkSupport('typeOfService');
  if (settings[TcpSetting.Linger]! > 0) checkSupport('linger');
  return [settings, options.interface === undefined ? defaults[1] : checkInterface(options)];
}

function idleSeconds(keepAlive: unknown): number {
  if (typeof keepAlive === 'boolean') return UNCHANGED;
  return nearestSeconds(checkInteger('keepAlive', keepAlive, 1, MAX_MILLISECONDS));
}

function checkInterface(options: TcpStreamOptions): string {
  const name = checkString('interface', options.interface);
  if (name === '' || name.includes('\0')) {
    throw invalidValue('interface', 'must be the name of a network interface', name);
  }
  checkSupport('interface');
  return name;
}

/** Refuses what this system has not, before any system call. */
function checkSupport(option: keyof TcpStreamOptions & keyof Features): void {
  if (native.features()[option]) return;
  const { code, errno, message } = errorOfCode('ENOPROTOOPT', 'setsockopt');
  throw new SocketError(`${message}: this system has no ${option}`, code, errno, {
    syscall: 'setsockopt',
  });
}
