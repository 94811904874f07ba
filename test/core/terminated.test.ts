import { runCutShort } from '../support/script';

const ROUNDS = 30;

test('a worker that is terminated in the middle of its calls takes nobody with it', () => {
  const { stdout, stderr, status } = runCutShort(`
    import { Worker } from 'node:worker_threads';
    const work = \`
      const { bindUdp, connectTcp, listenLocal, listenTcp, Poller, socketPair } = require('bipoll');
      const { accept, poll, readLine } = require('bipoll/sync');
      const limit = { timeout: 10_000 };
      const server = listenTcp({ port: 0 });
      for (let round = 0; ; round++) {
        const [left, right] = socketPair();
        left.write(Buffer.from('line\\\\n'));
        readLine(right, limit);
        try { listenLocal({ path: '/no/such/directory/socket' }); } catch {}
        const client = connectTcp({ host: '127.0.0.1', port: server.port });
        const accepted = accept(server, limit);
        const poller = new Poller();
        poller.monitor(right, 'dataAvailable');
        poller.wait(0);
        const udp = bindUdp({ port: 0 });
        udp.receive();
        for (const each of [left, right, client, accepted, poller, udp]) each.close();
        if (round === 1) require('node:worker_threads').parentPort.postMessage('at work');
      }\`;
    for (let round = 0; round < ${ROUNDS}; round++) {
      const worker = new Worker(work, { eval: true, execArgv: [] });
      worker.on('error', (error) => { throw error; });
      await new Promise((resolve) => worker.once('message', resolve));
      await new Promise((resolve) => setTimeout(resolve, 4 * Math.random()));
      await worker.terminate();
    }
    console.log('goes on');`);
  expect({ stdout, stderr, status }).toEqual({ stdout: 'goes on\n', stderr: '', status: 0 });
});
