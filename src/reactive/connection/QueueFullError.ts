/** More was written than a queue may hold, though it had said that it was full (`ERR_QUEUE_FULL`). Nothing of it was taken. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
  readonly code = 'ERR_QUEUE_FULL';

  constructor(limit: number, unit: 'bytes' | 'values') {
    super(`The queue holds ${limit} ${unit} already, which is its limit`);
  }
}
