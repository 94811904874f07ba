// What the scripts get their streams from: node:net, and bipoll in its place. Both have the same functions:
// - `connecting(target)` gives a stream that is connecting;
// - `unconnected(target)` one for a driver that calls `connect()` on it, with the same target;
// - `listen(onStream)` gives `{ target, close }` of a listener at a free port.
import { once } from 'node:events';
import net from 'node:net';
import { firstValueFrom, ReplaySubject } from 'rxjs';
import { listen } from 'bipoll/reactive';
import { createConnection, toDuplex } from 'bipoll/streams';

const host = '127.0.0.1';

export const byNet = {
  connecting: (target) => net.createConnection(target),
  unconnected: () => new net.Socket(),
  async listen(onStream) {
    const server = net.createServer({ allowHalfOpen: true }, onStream).listen(0, host);
    await once(server, 'listening');
    return { target: { host, port: server.address().port }, close: () => server.close() };
  },
};

export const byBipoll = {
  connecting: (target) => createConnection(target),
  unconnected: (target) => createConnection(target),
  async listen(onStream) {
    const bound = new ReplaySubject(1);
    const listening = listen(
      { host, port: 0 },
      { onListening: (address) => bound.next(address) },
    ).subscribe({
      next: (connection) => onStream(toDuplex(connection, { allowHalfOpen: true })),
      error: (error) => bound.error(error),
    });
    return { target: await firstValueFrom(bound), close: () => listening.unsubscribe() };
  },
};
