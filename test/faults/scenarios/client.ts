import { once } from 'node:events';
import { mergeMap, type Observable, type Subscription } from 'rxjs';
import { connect, type Connection } from 'bipoll/reactive';
import { checkBeginning, checkWhole, pattern } from './bytes';
import { type Loop, loops } from './loops';
import { echoServer, within } from './peers';
import type { Scenario } from './Scenario';
import { type Transport, transports } from './targets';

const SENT = [pattern(10), pattern(70_000), pattern(300)];

/** A failure to send closes the connection, as a program would. */
function talk(connection: Connection): Observable<Uint8Array> {
  connection.send(SENT).subscribe({
    complete: () => {
      connection.end();
    },
    error: (error: Error) => {
      connection.close(error);
    },
  });
  return connection.data$;
}

async function play(loop: Loop, transport: Transport, patience: number): Promise<void> {
  const { server, target } = await echoServer(transport.target());
  const received: Buffer[] = [];
  let subscription: Subscription | null = null;
  try {
    using opened = loop.open();
    const outcome = new Promise<void>((resolve, reject) => {
      subscription = connect(target, { loop: opened })
        .pipe(mergeMap(talk))
        .subscribe({
          next: (chunk) => received.push(Buffer.from(chunk)),
          error: reject,
          complete: resolve,
        });
    });
    await within(patience, 'the connection neither ends nor fails', outcome).finally(() => {
      subscription?.unsubscribe();
    });
    checkWhole(Buffer.concat(received), Buffer.concat(SENT));
  } finally {
    checkBeginning(Buffer.concat(received), Buffer.concat(SENT));
    server.close();
    await once(server, 'close');
  }
}

export const clients: readonly Scenario[] = loops.flatMap((loop) =>
  transports.map((transport) => ({
    family: 'reactive client',
    variant: `${transport.name}, ${loop.name}`,
    play: (patience: number) => play(loop, transport, patience),
  })),
);
