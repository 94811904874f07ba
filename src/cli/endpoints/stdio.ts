import { Duplex } from 'node:stream';
import { isatty } from 'node:tty';
import { catchError, from, type Observable, type ObservableInput, tap } from 'rxjs';
import { adopt, capabilities } from 'bipoll';
import { type Connection, fromDescriptor } from 'bipoll/reactive';
import { meansNobodyReads, OutputClosedError } from '../exitCodes';
import type { Peer } from './Peer';

/** Our stdin and stdout as a peer. On Windows, where no descriptor can be adopted, those of Node.js. */
export class Stdio implements Peer {
  readonly name = '-';
  readonly isInteractive = isatty(0);
  readonly data$: Observable<Buffer>;
  readonly #input: Connection;
  readonly #output: Connection;

  constructor(input: Connection, output: Connection) {
    this.#input = input;
    this.#output = output;
    this.data$ = input.data$;
  }

  /** @throws OutputClosedError (the Observable) whoever read our stdout has left */
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
        throw error !== failure && meansNobodyReads(error)
          ? new OutputClosedError('Nobody reads stdout')
          : error;
      }),
    );
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
  if (capabilities().platform !== 'win32') {
    const [input, output] = [0, 1].map((fd) => fromDescriptor(adopt(fd, 'descriptor')));
    return new Stdio(input!, output!);
  }
  const { fromDuplex } = await import('bipoll/streams');
  const both = fromDuplex(Duplex.from({ readable: process.stdin, writable: process.stdout }));
  return new Stdio(both, both);
}
