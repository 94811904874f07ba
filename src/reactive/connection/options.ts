import { asyncScheduler, type SchedulerLike } from 'rxjs';
import {
  checkBoolean,
  checkInteger,
  checkOptions,
  checkTimeout,
  invalidType,
} from '../../core/argument';
import { EventLoop } from '../loop/EventLoop';
import type { ConnectionOptions } from './Connection';

const MAX_BYTES = 2 ** 31 - 1;

/** The options of a connection that do not depend on what carries it, checked. */
export interface ConnectionSettings {
  readonly highWaterMark: number;
  readonly maxQueueBytes: number;
  readonly allowHalfOpen: boolean;
  readonly idleTimeout: number;
  readonly closeTimeout: number;
  readonly scheduler: SchedulerLike;
}

/** Those of a socket, too. Shared by all connections of a listener. */
export interface SocketSettings extends ConnectionSettings {
  readonly borrow: boolean;
  readonly answerTimeout: number;
  /** Null: the thread's own, which is opened when it is needed. */
  readonly loop: EventLoop | null;
}

export function connectionSettings(options: ConnectionOptions): ConnectionSettings {
  checkOptions('options', options);
  const { scheduler = asyncScheduler } = options;
  if (typeof (scheduler as Partial<SchedulerLike> | null)?.schedule !== 'function') {
    throw invalidType('scheduler', 'a SchedulerLike', scheduler);
  }
  return {
    highWaterMark: checkInteger('highWaterMark', options.highWaterMark ?? 65_536, 1, MAX_BYTES),
    maxQueueBytes: checkInteger('maxQueueBytes', options.maxQueueBytes ?? 2 ** 24, 1, MAX_BYTES),
    allowHalfOpen: checkBoolean('allowHalfOpen', options.allowHalfOpen ?? false),
    idleTimeout: checkTimeout('idleTimeout', options.idleTimeout ?? Infinity),
    closeTimeout: checkTimeout('closeTimeout', options.closeTimeout ?? 5000),
    scheduler,
  };
}

export function socketSettings(options: ConnectionOptions): SocketSettings {
  const settings = connectionSettings(options);
  const { loop = null } = options;
  if (loop !== null && !(loop instanceof EventLoop))
    throw invalidType('loop', 'an EventLoop', loop);
  return {
    ...settings,
    borrow: checkBoolean('borrow', options.borrow ?? false),
    answerTimeout: checkTimeout('answerTimeout', options.answerTimeout ?? 50),
    loop,
  };
}
