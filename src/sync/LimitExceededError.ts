/** What was asked for is longer than `maxBytes` (`ERR_LIMIT_EXCEEDED`). The bytes can still be read. */
export class LimitExceededError extends Error {
  override readonly name = 'LimitExceededError';
  readonly code = 'ERR_LIMIT_EXCEEDED';

  constructor(verb: string, maxBytes: number) {
    super(`${verb}: more than ${maxBytes} bytes; see maxBytes`);
  }
}
