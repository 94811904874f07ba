import { inEnvironment, loops } from '../../support/loops';
import { runScript } from '../../support/script';
import { describeWhere, isWindows } from '../../support/where';

/** A client in a thread, and meanwhile connections that are closed while their sends wait for room, which nobody reads. */
const CLIENT_AND_CLOSES = `
  import { once } from 'node:events';
  import { Worker } from 'node:worker_threads';
  import { socketPair } from 'bipoll';
  import { EventLoop, fromSocket } from 'bipoll/reactive';
  const CLIENT = \`
    import { workerData } from 'node:worker_threads';
    import { adopt } from 'bipoll';
    import { readExactly, writeAll } from 'bipoll/sync';
    const socket = adopt(workerData.fd, 'local');
    const isOver = new Int32Array(workerData.isOver);
    while (!Atomics.load(isOver, 0)) {
      writeAll(socket, 'x', { timeout: 3000 });
      readExactly(socket, 1, { timeout: 3000 });
      // At any moment of what the other thread does.
      const until = performance.now() + Math.random() * 0.3;
      while (performance.now() < until);
    }
    socket.close();\`;
  const loop = new EventLoop();
  const [theirs, ours] = socketPair();
  const echo = fromSocket(ours, { loop });
  echo.data$.subscribe((chunk) => echo.write(chunk));
  const blocked = Array.from({ length: 1000 }, () => {
    const [left, right] = socketPair();
    const connection = fromSocket(left, { loop });
    connection.write(Buffer.alloc(500_000));
    return { connection, right };
  });
  const isOver = new SharedArrayBuffer(4);
  const client = new Worker(CLIENT, { eval: true, workerData: { fd: theirs.detach(), isOver } });
  client.on('error', (error) => { console.error(error); });
  const exit = once(client, 'exit');
  await once(client, 'online');
  const closeAnother = () => {
    const next = blocked.pop();
    if (!next) {
      Atomics.store(new Int32Array(isOver), 0, 1);
      return;
    }
    next.connection.close();
    next.right.close();
    setTimeout(closeAnother, 1);
  };
  closeAnother();
  await exit;
  for (const { connection, right } of blocked) {
    connection.close();
    right.close();
  }
  echo.close();
  loop.close();`;

describeWhere(!isWindows, 'no socket can be given to a thread')('a loop', () => {
  describe.each(loops)('on $name', (loop) => {
    inEnvironment(loop);

    test('hears of every message while others are closed in the middle of a send', () => {
      expect(runScript(CLIENT_AND_CLOSES)).toMatchObject({ stderr: '', status: 0 });
    });
  });
});
