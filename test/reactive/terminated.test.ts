import { loops } from '../support/loops';
import { expectToOutlive } from '../support/terminatedWorkers';

test.each(loops.map(({ name, backend, driver }) => [name, backend, driver] as const))(
  '%s: a worker that is terminated in the middle of its work takes nobody with it',
  (_, backend, driver) => {
    const work = `
      const { connect, EventLoop, listen } = require('bipoll/reactive');
      const { parentPort } = require('node:worker_threads');
      const loop = new EventLoop({ backend: '${backend}', driver: '${driver}' });
      let count = 0;
      const ask = (port) => connect({ port }, { loop }).subscribe((connection) => {
        let asked = 0;
        connection.write('x');
        connection.data$.subscribe(() => {
          if (++count === 4) parentPort.postMessage('at work');
          if (asked++ < 20) return connection.write(Buffer.alloc(1000));
          connection.close();
          ask(port);
        });
      });
      const onListening = ({ port }) => { ask(port); ask(port); };
      listen({ port: 0 }, { loop, onListening }).subscribe((connection) => {
        connection.data$.subscribe({ next: (chunk) => connection.write(chunk), error() {} });
      });`;
    expectToOutlive(work, 15);
  },
);
