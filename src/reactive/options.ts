import { asyncScheduler, type SchedulerLike } from 'rxjs';
import {
  checkBoolean,
  checkInteger,
  checkOptions,
  checkTimeout,
  invalidType,
} from '../core/argument';
import type { ConnectionOptions } from './Connection';
import { EventLoop } from './EventLoop';

const MAX_BYTES = 2 ** 31 - 1;

/** The options of a connection, checked; shared by all that come from one listener. */
export interface ConnectionSettings {
  readonly highWaterMark: number;
  readonly maxQueueBytes: number;
  readonly allowHalfOpen: boolean;
  readonly borrow: boolean;
  readonly idleTimeout: number;
  readonly closeTimeout: number;
  readonly answerTimeout: number;
  readonly scheduler: SchedulerLike;
  readonly loop: EventLoop;
}

export function connectionSettings(options: ConnectionOptions): ConnectionSettings {
  checkOptions('options', options);
  const { scheduler = asyncScheduler, loop = EventLoop.default } = options;
  if (typeof (scheduler as Partial<SchedulerLike> | null)?.schedule !== 'function') {
    throw invalidType('scheduler', 'a SchedulerLike', scheduler);
  }
  if (!(loop instanceof EventLoop)) throw invalidType('loop', 'an EventLoop', loop);
  return {
    highWaterMark: checkInteger('highWaterMark', options.highWaterMark ?? 65_536, 1, MAX_BYTES),
    maxQueueBytes: checkInteger('maxQueueBytes', options.maxQueueBytes ?? 2 ** 24, 1, MAX_BYTES),
    allowHalfOpen: checkBoolean('allowHalfOpen', options.allowHalfOpen ?? false),
    borrow: checkBoolean('borrow', options.borrow ?? false),
    idleTimeout: checkTimeout('idleTimeout', options.idleTimeout ?? Infinity),
    closeTimeout: checkTimeout('closeTimeout', options.closeTimeout ?? 5000),
    answerTimeout: checkTimeout('answerTimeout', options.answerTimeout ?? 50),
    scheduler,
    loop,
  };
}
