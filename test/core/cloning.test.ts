import { listenLocal, listenTcp, Poller, socketPair } from 'bipoll';
import { fromSocket } from 'bipoll/reactive';
import { MessageChannel } from 'node:worker_threads';
import { freshPath } from '../support/freshPath';

const things: Record<string, () => { thing: unknown; close: () => void }> = {
  'a stream': () => {
    const [left, right] = socketPair();
    return { thing: left, close: () => [left, right].forEach((end) => end.close()) };
  },
  'a TCP server': () => {
    const server = listenTcp({ port: 0 });
    return { thing: server, close: () => server.close() };
  },
  'a local server': () => {
    const server = listenLocal({ path: freshPath() });
    return { thing: server, close: () => server.close() };
  },
  'a poller': () => {
    const poller = new Poller();
    return { thing: poller, close: () => poller.close() };
  },
  'a connection': () => {
    const [left, right] = socketPair();
    const connection = fromSocket(left);
    return { thing: connection, close: () => [left, right].forEach((end) => end.close()) };
  },
};

test.each(Object.entries(things))('%s cannot be posted to another thread', (_, make) => {
  const { thing, close } = make();
  const { port1, port2 } = new MessageChannel();
  const refusal = expect.objectContaining({
    name: 'DataCloneError',
    message: expect.stringContaining('belongs to its thread') as string,
  });
  expect(() => {
    port1.postMessage({ thing });
  }).toThrow(refusal);
  port1.close();
  port2.close();
  close();
});
