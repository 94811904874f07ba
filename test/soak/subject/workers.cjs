const { once } = require('node:events');
const { join } = require('node:path');
const { Worker } = require('node:worker_threads');

/** Has one worker after the other work in the blocking style; every third is terminated in a verb. */
exports.employ = (path, counts) => {
  let isOver = false;
  const work = async () => {
    for (let i = 0; !isOver; i++) {
      const waitsForEver = i % 3 === 2;
      const worker = new Worker(join(__dirname, 'worker.cjs'), {
        workerData: { path, waitsForEver },
      });
      const exit = once(worker, 'exit'); // before the message is awaited: both can come in one turn
      const [{ wrong }] = await once(worker, 'message');
      counts.wrong += wrong;
      if (waitsForEver) void worker.terminate();
      await exit;
      counts.workers++;
    }
  };
  const working = work();
  return () => {
    isOver = true;
    return working;
  };
};
