import { map, type Observable } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { checkInstance, checkOptions, type OptionNames, optionsOf } from '../core/argument';
import { errorOfCode } from '../core/errors';
import type { MessageSocket } from '../core/messageSockets';
import type { UdpSocket } from '../core/UdpSocket';
import type { Chunk } from '../reactive/connection/Transport';
import { type AddressOf, MessageEndpoint } from '../reactive/messages/MessageEndpoint';
import { chunkOf } from './copyChunk';
import { expectDiagram } from './expectDiagram';
import { MarbleMessages } from './MarbleMessages';
import { checkScheduler, parseMarbles } from './parseMarbles';
import type { Stretch } from './ReadingLog';

/** What the diagram means. @see virtualMessages */
export interface VirtualMessagesOptions<Address = unknown> {
  /** The messages that the letters of a diagram stand for, text as UTF-8. A letter that is not here stands for itself. */
  values?: Readonly<Record<string, Chunk>>;
  /** Where each message comes from, by its letter; null for a letter that is not here. */
  from?: Readonly<Record<string, Address>>;
  /** What `#` is; a `SocketError` `ECONNREFUSED` by default. */
  error?: Error;
}

const VIRTUAL_MESSAGES_OPTIONS: OptionNames<VirtualMessagesOptions> = {
  values: true,
  from: true,
  error: true,
};

/** What the letters of a diagram of sent messages stand for. */
export interface SentMessages<Address = unknown> {
  /** Their bytes, text as UTF-8. A letter that is not here stands for itself. */
  values?: Readonly<Record<string, Chunk>>;
  /** Where each goes, by its letter. */
  to?: Readonly<Record<string, Address>>;
}

/** An endpoint without a socket: peers that follow a diagram, and a record of what they were sent. */
export interface VirtualMessages<
  S extends MessageSocket = MessageSocket,
> extends MessageEndpoint<S> {
  /**
   * When messages were received: `^` from when on somebody was subscribed to `messages$` and did not hold it back, `!`
   * from when on not. For `expectSubscriptions`.
   */
  readonly reads: Stretch[];
  /**
   * Expects, by the end of the test, that those messages were sent then; `|` is the close. A failure shows both diagrams,
   * one above the other, and what their letters mean.
   */
  expectSent(marbles: string, messages?: SentMessages<AddressOf<S>>): void;
}

/**
 * A socket for messages, for tests in virtual time: a pipeline over `messages$` and `send` runs on it unchanged.
 *
 * The diagram has the syntax of `TestScheduler.run`, and begins when it is made. A letter is a message that comes, `|` the
 * end, by which packets end or the socket is closed, and `#` an error of `messages$`, which ends the diagram, but not the socket. What comes while nobody reads waits, as in the kernel.
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
export function virtualMessages<S extends MessageSocket = UdpSocket>(
  scheduler: TestScheduler,
  peers: string,
  options: VirtualMessagesOptions<AddressOf<S>> = {},
): VirtualMessages<S> {
  checkScheduler(scheduler);
  const own = optionsOf<VirtualMessagesOptions<AddressOf<S>>>(
    'options',
    options,
    VIRTUAL_MESSAGES_OPTIONS,
  );
  const { values = {}, from = {}, error = errorOfCode('ECONNREFUSED', 'recvmsg') } = own;
  checkOptions('values', values);
  checkOptions('from', from);
  checkInstance('error', Error, error);
  const transport = new MarbleMessages(scheduler);
  for (const { frame, mark } of parseMarbles('peers', peers)) {
    const happen = (): void => {
      if (mark === '|') transport.end();
      else if (mark === '#') transport.fail(error);
      else transport.arrive(chunkOf(values, mark), from[mark] ?? null);
    };
    scheduler.schedule(happen, frame);
  }
  return new VirtualEndpoint<S>(transport, scheduler);
}

/** The endpoint that runs in production, over peers that follow a diagram, plus assertions for tests. */
class VirtualEndpoint<S extends MessageSocket>
  extends MessageEndpoint<S>
  implements VirtualMessages<S>
{
  readonly reads: Stretch[];
  readonly #sent$: Observable<Buffer>;
  readonly #scheduler: TestScheduler;

  constructor(transport: MarbleMessages, scheduler: TestScheduler) {
    super(transport, null);
    this.reads = transport.reads;
    this.#sent$ = transport.sent$.pipe(map(({ bytes, to }) => addressed(bytes, to)));
    this.#scheduler = scheduler;
    transport.onClosed = () => {
      this.onSocketClosed();
    };
  }

  expectSent(marbles: string, { values = {}, to = {} }: SentMessages<AddressOf<S>> = {}): void {
    const diagram = parseMarbles('marbles', marbles);
    checkOptions('values', values);
    checkOptions('to', to);
    const message = (mark: string) => addressed(chunkOf(values, mark), to[mark]);
    expectDiagram(this.#scheduler, this.#sent$, diagram, message, NO_ERROR);
  }
}

/** What is sent never fails. */
const NO_ERROR = new Error('No error is sent');

/** A message, behind its receiver if it names one: messages to two receivers differ, and a failure shows to whom. */
function addressed(bytes: Buffer, to: unknown): Buffer {
  if (to === undefined || to === null) return bytes;
  return Buffer.concat([Buffer.from(`to ${JSON.stringify(to)}: `), bytes]);
}
