import type { TestScheduler } from 'rxjs/testing';
import { checkInstance, checkOptions, type OptionNames, optionsOf } from '../core/argument';
import { errorOfCode } from '../core/errors';
import type { Chunk } from '../reactive/connection/Transport';
import { chunkOf } from './copyChunk';
import { MarbleMessages, type VirtualMessages } from './MarbleMessages';
import { checkScheduler, parseMarbles } from './parseMarbles';

/** What the diagrams mean. @see virtualMessages */
export interface VirtualMessagesOptions<Address> {
  /** The messages that the letters of a diagram stand for, text as UTF-8. A letter that is not here stands for itself. */
  values?: Readonly<Record<string, Chunk>>;
  /** Where each message comes from, by its letter; null for a letter that is not here. */
  from?: Readonly<Record<string, Address>>;
  /** What `#` is; a `SocketError` `ECONNREFUSED` by default. */
  error?: Error;
}

const VIRTUAL_MESSAGES_OPTIONS: OptionNames<VirtualMessagesOptions<unknown>> = {
  values: true,
  from: true,
  error: true,
};

/**
 * A socket for messages, for tests in virtual time: a pipeline over `messages$` and `send` runs on it unchanged.
 *
 * The diagram has the syntax of `TestScheduler.run`, and begins when it is made. A letter is a message that comes, `|` the
 * end, by which packets end or the socket is closed, and `#` an error of `messages$`, after which it can be subscribed to
 * again. What comes while nobody reads waits, as in the kernel.
 *
 * @param scheduler within its `run()`
 * @param peers what they send
 * @throws TypeError `ERR_INVALID_ARG_*`
 *
 * @example
 * scheduler.run(() => {
 *   const socket = virtualMessages(scheduler, '-a-b', { from: { a: one, b: other } });
 *   echo(socket).subscribe();
 *   socket.expectSent('                       -a-b', { to: { a: one, b: other } });
 * });
 */
export function virtualMessages<Address = null>(
  scheduler: TestScheduler,
  peers: string,
  options: VirtualMessagesOptions<Address> = {},
): VirtualMessages<Address> {
  checkScheduler(scheduler);
  const own = optionsOf<VirtualMessagesOptions<Address>>(
    'options',
    options,
    VIRTUAL_MESSAGES_OPTIONS,
  );
  const { values = {}, from = {}, error = errorOfCode('ECONNREFUSED', 'recvmsg') } = own;
  checkOptions('values', values);
  checkOptions('from', from);
  checkInstance('error', Error, error);
  const socket = new MarbleMessages<Address>(scheduler);
  for (const { frame, mark } of parseMarbles('peers', peers)) {
    const happen = (): void => {
      if (mark === '|') socket.end();
      else if (mark === '#') socket.fail(error);
      else socket.arrive(chunkOf(values, mark), (from[mark] ?? null) as Address);
    };
    scheduler.schedule(happen, frame);
  }
  return socket;
}
