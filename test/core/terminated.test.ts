import { expectToOutlive } from '../support/terminatedWorkers';

test('a worker that is terminated in the middle of its calls takes nobody with it', () => {
  const work = `
    const { bindUdp, connectTcp, listenLocal, listenTcp, Poller, socketPair } = require('bipoll');
    const { accept, readLine } = require('bipoll/sync');
    const { parentPort } = require('node:worker_threads');
    const limit = { timeout: 10_000 };
    const server = listenTcp({ port: 0 });
    for (let round = 0; ; round++) {
      const [left, right] = socketPair();
      left.write(Buffer.from('line\\n'));
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
      if (round === 1) parentPort.postMessage('at work');
    }`;
  expectToOutlive(work, 30);
});
