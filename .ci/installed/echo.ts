// An echo in each style, as a user's program would have it.
import { firstValueFrom, mergeMap, ReplaySubject } from 'rxjs';
import { socketPair } from 'bipoll';
import { lines } from 'bipoll/framing';
import { connect, decode, listen, type ListeningAddress } from 'bipoll/reactive';
import { readUntil, writeAll } from 'bipoll/sync';

export async function echoInBothStyles(): Promise<string> {
  return `${echoBlocking('hello')} ${await echoObservable('world')}`;
}

function echoBlocking(message: string): string {
  const [left, right] = socketPair();
  writeAll(left, `${message}\n`, { timeout: 5000 });
  const received = readUntil(right, '\n', { timeout: 5000 }).toString().trimEnd();
  left.close();
  right.close();
  return received;
}

async function echoObservable(message: string): Promise<string> {
  const bound = new ReplaySubject<ListeningAddress>(1);
  const serving = listen({ host: '127.0.0.1', port: 0 }, { onListening: bound.next.bind(bound) })
    .pipe(mergeMap((connection) => connection.send(connection.data$)))
    .subscribe();
  const echoed = bound.pipe(
    mergeMap((address) => connect(address)),
    mergeMap((connection) => {
      connection.write(Buffer.from(`${message}\n`));
      return connection.data$.pipe(decode(lines()));
    }),
  );
  try {
    return await firstValueFrom(echoed);
  } finally {
    serving.unsubscribe();
  }
}
