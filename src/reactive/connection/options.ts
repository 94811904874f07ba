import { asyncScheduler, type SchedulerLike } from 'rxjs';
import {
  checkBoolean,
  checkInstance,
  checkInteger,
  checkMethods,
  checkTimeout,
  type OptionNames,
} from '../../core/argument';
import { EventLoop } from '../loop/EventLoop';
import type { ConnectionOptions } from './Connection';

const MAX_BYTES = 2 ** 31 - 1;

export const CONNECTION_OPTIONS: OptionNames<ConnectionOptions> = {
  highWaterMark: true,
  maxQueueBytes: true,
  allowHalfOpen: true,
  borrow: true,
  idleTimeout: true,
  closeTimeout: true,
  answerTimeout: true,
  scheduler: true,
  loop: true,
};

/** The checked options of a connection that hold for every transport. */
export interface ConnectionSettings {
  readonly highWaterMark: number;
  readonly maxQueueBytes: number;
  readonly allowHalfOpen: boolean;
  readonly idleTimeout: number;
  readonly closeTimeout: number;
  readonly scheduler: SchedulerLike;
}

/** Those, and the options of a socket. Shared by all connections of a listener. */
export interface SocketSettings extends ConnectionSettings {
  readonly borrow: boolean;
  readonly answerTimeout: number;
  /** Null: the thread's own, which is opened when it is needed. */
  readonly loop: EventLoop | null;
}

/** Checks options that were read. */
export function connectionSettings(options: ConnectionOptions): ConnectionSettings {
  const {
    highWaterMark = 65_536,
    maxQueueBytes = 2 ** 24,
    allowHalfOpen = false,
    idleTimeout = Infinity,
    closeTimeout = 5000,
    scheduler = asyncScheduler,
  } = options;
  checkScheduler(scheduler);
  return {
    highWaterMark: checkInteger('highWaterMark', highWaterMark, 1, MAX_BYTES),
    maxQueueBytes: checkInteger('maxQueueBytes', maxQueueBytes, 1, MAX_BYTES),
    allowHalfOpen: checkBoolean('allowHalfOpen', allowHalfOpen),
    idleTimeout: checkTimeout('idleTimeout', idleTimeout),
    closeTimeout: checkTimeout('closeTimeout', closeTimeout),
    scheduler,
  };
}

/** Checks options that were read. */
export function socketSettings(options: ConnectionOptions): SocketSettings {
  const settings = connectionSettings(options);
  const { borrow = false, answerTimeout = 50, loop } = options;
  return {
    ...settings,
    borrow: checkBoolean('borrow', borrow),
    answerTimeout: checkTimeout('answerTimeout', answerTimeout),
    loop: loop === undefined ? null : checkInstance('loop', EventLoop, loop),
  };
}

export function checkScheduler(scheduler: unknown): void {
  checkMethods('scheduler', 'a SchedulerLike', scheduler, ['schedule', 'now']);
}
