import type { Observable } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { checkOptions } from '../core/argument';
import type { Socket } from '../core/Socket';
import type { ConnectionSettings } from '../reactive/connection/options';
import { StreamConnection } from '../reactive/connection/StreamConnection';
import type { Chunk } from '../reactive/connection/Transport';
import { chunkOf } from './copyChunk';
import { expectDiagram } from './expectDiagram';
import type { MarbleTransport } from './MarbleTransport';
import { parseMarbles } from './parseMarbles';
import type { Stretch } from './ReadingLog';
import type { VirtualConnection } from './virtualConnection';

/** The connection that runs in production, over a peer that follows diagrams, plus assertions for tests. */
export class MarbleConnection extends StreamConnection implements VirtualConnection {
  readonly sent$: Observable<Buffer>;
  readonly sentDescriptors: readonly Socket[];
  readonly reads: Stretch[];
  readonly #scheduler: TestScheduler;
  readonly #error: Error;

  /** @param error what `#` is, unless said otherwise */
  constructor(
    transport: MarbleTransport,
    settings: ConnectionSettings,
    scheduler: TestScheduler,
    error: Error,
  ) {
    super(transport, settings, null);
    this.sent$ = transport.sent$;
    this.sentDescriptors = transport.sentDescriptors;
    this.reads = transport.reads;
    this.#scheduler = scheduler;
    this.#error = error;
  }

  expectSent(
    marbles: string,
    values: Readonly<Record<string, Chunk>> = {},
    error = this.#error,
  ): void {
    const diagram = parseMarbles('marbles', marbles);
    checkOptions('values', values);
    const chunk = (mark: string) => chunkOf(values, mark);
    expectDiagram(this.#scheduler, this.sent$, diagram, chunk, error);
  }
}
