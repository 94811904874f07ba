import { loops } from '../support/loops';
import { runCutShort } from '../support/script';

const ROUNDS = 15;

test.each(loops.map(({ name, backend, driver }) => [name, backend, driver] as const))(
  '%s: a worker that is terminated in the middle of its work takes nobody with it',
  (_, backend, driver) => {
    const { stdout, stderr, status } = runCutShort(`
      import { Worker } from 'node:worker_threads';
      const work = \`
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
        });\`;
      for (let round = 0; round < ${ROUNDS}; round++) {
        const worker = new Worker(work, { eval: true, execArgv: [] });
        worker.on('error', (error) => { throw error; });
        await new Promise((resolve) => worker.once('message', resolve));
        await new Promise((resolve) => setTimeout(resolve, 4 * Math.random()));
        await worker.terminate();
      }
      console.log('goes on');`);
    expect({ stdout, stderr, status }).toEqual({ stdout: 'goes on\n', stderr: '', status: 0 });
  },
);
