/** A value was refused because the queue had reached its limit (`ERR_QUEUE_FULL`). No part of the value was queued. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
  readonly code = 'ERR_QUEUE_FULL';

  constructor(limitBytes: number) {
    super(`The queue holds ${limitBytes} bytes already, which is its limit`);
  }
}
