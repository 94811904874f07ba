import {
  connect,
  type LocalTarget,
  readSome,
  readUntil,
  type TcpTarget,
  writeAll,
} from 'bipoll/sync';
import { freshPath } from '../support/freshPath';
import { inEnvironment, loops } from '../support/loops';
import { PATIENCE } from '../support/patience';
import { exitOf, firstOutput, startScript } from '../support/script';
import { isWindows } from '../support/where';

const timeout = PATIENCE;

const targets = [
  { name: 'a local path', target: () => ({ path: freshPath() }) },
  { name: 'TCP', target: () => ({ port: 0 }) },
];

describe.each(loops)('a service on $name', (loop) => {
  inEnvironment(loop);

  test.each(targets)(
    'that is told to end answers all that it has read over $name, and exits',
    async ({ target }) => {
      const CLIENTS = 200;
      const service = startScript(`
    import { fromEvent, map, tap, timer } from 'rxjs';
    import { lines } from 'bipoll/framing';
    import { decode, listen, pacedMap, serve } from 'bipoll/reactive';
    const toldToEnd$ = ${isWindows} ? fromEvent(process.stdin.resume(), 'end') : fromEvent(process, 'SIGTERM');
    const stop$ = toldToEnd$.pipe(tap(() => console.log('stopping')));
    let read = 0;
    const handle = (connection) => connection.data$.pipe(
      decode(lines()),
      pacedMap((line) => {
        if (++read === ${CLIENTS}) console.log('all are at work');
        return connection.send(timer(500).pipe(map(() => line + '!\\n')));
      }),
    );
    listen(${JSON.stringify(target())}, { onListening: (address) => console.log(JSON.stringify(address)) })
      .pipe(serve(handle, { stop$, grace: ${PATIENCE} }))
      .subscribe();`);
      const exit = exitOf(service);
      const address = JSON.parse(await firstOutput(service)) as LocalTarget | TcpTarget;
      const clients = Array.from({ length: CLIENTS }, () => connect(address, { timeout }));
      for (const [i, client] of clients.entries()) {
        // Half a line more than it will get an answer to.
        writeAll(client, `${i}\nhalf`, { timeout });
      }
      await firstOutput(service);
      if (isWindows) service.stdin!.end();
      else service.kill('SIGTERM');
      await firstOutput(service); // what was asked of it leaves this process only in a turn of the event loop
      for (const [i, client] of clients.entries()) {
        expect(String(readUntil(client, '\n', { timeout }))).toBe(`${i}!\n`);
        expect(readSome(client, { timeout })).toBeNull();
        client.close();
      }
      expect(await exit).toBe(0);
    },
  );
});
