import { firstValueFrom, mergeMap, ReplaySubject } from 'rxjs';
import { listen } from 'bipoll/reactive';

/** Serves by the handler until the client is done with its address. */
export async function withServer(target, handler, client, options = {}) {
  const bound = new ReplaySubject(1);
  const serving = listen(target, { ...options, onListening: (address) => bound.next(address) })
    .pipe(mergeMap(handler))
    .subscribe({ error: (error) => bound.error(error) });
  try {
    await client(await firstValueFrom(bound));
  } finally {
    serving.unsubscribe();
  }
}
