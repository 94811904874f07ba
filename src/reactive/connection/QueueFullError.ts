/** More was to wait in a queue than it may hold (`ERR_QUEUE_FULL`). Nothing of it was taken. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
  readonly code = 'ERR_QUEUE_FULL';

  constructor(limitBytes: number) {
    super(`The queue holds ${limitBytes} bytes already, which is its limit`);
  }
}
