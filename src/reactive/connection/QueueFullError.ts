/** A value was refused because the queue had reached its limit (`ERR_QUEUE_FULL`). No part of the value was queued. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
  readonly code = 'ERR_QUEUE_FULL';

  constructor(limit: number, unit: 'bytes' | 'descriptors' = 'bytes') {
    super(`The queue holds ${limit} ${unit} already, which is its limit`);
  }
}
