import { listenLocal, listenTcp, Poller, socketPair } from 'bipoll';
import { fromSocket } from 'bipoll/reactive';
import { MessageChannel } from 'node:worker_threads';
import { freshPath } from '../support/freshPath';

test.each(['a stream', 'a TCP server', 'a local server', 'a poller', 'a connection'])(
  '%s cannot be posted to another thread',
  (what) => {
    const [left, right] = socketPair();
    using stream = left;
    using other = right;
    using tcpServer = listenTcp({ port: 0 });
    using localServer = listenLocal({ path: freshPath() });
    using poller = new Poller();
    const things: Record<string, object> = {
      'a stream': stream,
      'a TCP server': tcpServer,
      'a local server': localServer,
      'a poller': poller,
      'a connection': fromSocket(other),
    };
    const { port1, port2 } = new MessageChannel();
    expect(() => {
      port1.postMessage({ thing: things[what] });
    }).toThrow(
      expect.objectContaining({
        name: 'DataCloneError',
        message: expect.stringContaining('belongs to its thread') as string,
      }),
    );
    for (const port of [port1, port2]) port.close();
  },
);
