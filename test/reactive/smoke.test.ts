import { firstValueFrom, lastValueFrom, mergeMap, take, toArray, map } from 'rxjs';
import net from 'node:net';
import { listen, connect, decode, concatMap } from 'bipoll/reactive';
import { lines } from 'bipoll/framing';

test('echo', async () => {
  let port = 0;
  const server = listen({ port: 0 }, { onListening: (a) => { port = (a as any).port; } })
    .pipe(mergeMap((c) => c.send(c.data$)))
    .subscribe({ error: (e) => console.log('server', e) });
  const got = await firstValueFrom(connect({ port }).pipe(mergeMap((c) => { c.write('hello\n'); return c.data$; })));
  expect(got.toString()).toBe('hello\n');
  server.unsubscribe();
});
