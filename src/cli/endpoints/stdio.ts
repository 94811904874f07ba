import { Duplex } from 'node:stream';
import { isatty } from 'node:tty';
import {
  catchError,
  from,
  type Observable,
  type ObservableInput,
  Subject,
  tap,
  throwError,
} from 'rxjs';
import { adopt, capabilities } from 'bipoll';
import { type Connection, fromDescriptor } from 'bipoll/reactive';
import { meansNobodyReads, OutputClosedError, StdioError } from '../exitCodes';
import type { Peer } from './Peer';
import { WritableDuplex } from './WritableDuplex';

/** Our stdin and stdout as a peer. On Windows, where no descriptor can be adopted, those of Node.js. */
export class Stdio implements Peer {
  readonly name = '-';
  readonly maxChunkBytes = Infinity;
  readonly isInteractive = isatty(0);
  readonly data$: Observable<Buffer>;
  /** Fails when stdin or stdout does, for whichever peer that was: it is the end of all. */
  readonly failure$: Observable<never>;
  readonly #failed$ = new Subject<never>();
  readonly #input: Connection;
  readonly #output: Connection;

  constructor(input: Connection, output: Connection) {
    this.#input = input;
    this.#output = output;
    this.failure$ = this.#failed$;
    this.data$ = input.data$.pipe(
      catchError((error: unknown) => this.#fail(new StdioError('stdin', error as Error))),
    );
  }

  /** An error of the Observable: that of the source, `OutputClosedError` if nobody reads stdout, or `StdioError`. */
  send(source: ObservableInput<Uint8Array | string>): Observable<unknown> {
    let failure: unknown = null; // of the source: a peer, too, can break a connection
    const observed$ = from(source).pipe(
      tap({
        error(error: unknown) {
          failure = error;
        },
      }),
    );
    return this.#output.send(observed$).pipe(
      catchError((error: unknown) => {
        if (error === failure) return throwError(() => error);
        return this.#fail(
          meansNobodyReads(error)
            ? new OutputClosedError('Nobody reads stdout')
            : new StdioError('stdout', error as Error),
        );
      }),
    );
  }

  #fail(error: Error): Observable<never> {
    this.#failed$.error(error);
    return throwError(() => error);
  }

  end(): void {
    this.#output.end();
  }

  leave(): void {
    this.close();
  }

  close(): void {
    this.#input.close();
    this.#output.close();
  }

  reset(): void {
    this.close();
  }
}

/** Opens our stdin and stdout. */
export async function openStdio(): Promise<Stdio> {
  if (capabilities().platform === 'win32') return stdioOfNode();
  const [input, output] = [0, 1].map((fd) => fromDescriptor(adopt(fd, 'descriptor')));
  return new Stdio(input!, output!);
}

/** Those of Node.js, for where no descriptor can be adopted. */
export async function stdioOfNode(): Promise<Stdio> {
  const { fromDuplex } = await import('bipoll/streams');
  const options = { allowHalfOpen: true };
  return new Stdio(
    fromDuplex(Duplex.from(process.stdin), options),
    fromDuplex(new WritableDuplex(process.stdout), options),
  );
}
