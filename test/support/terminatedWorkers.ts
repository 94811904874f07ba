import { runCutShort } from './script';

/** Runs workers, of which each says by a message that it is at work, and is terminated at some moment of the next 4 ms. */
export function expectToOutlive(work: string, rounds: number): void {
  const { stdout, stderr, status } = runCutShort(`
    import { Worker } from 'node:worker_threads';
    for (let round = 0; round < ${rounds}; round++) {
      const worker = new Worker(${JSON.stringify(work)}, { eval: true, execArgv: [] });
      worker.on('error', (error) => { throw error; });
      await new Promise((resolve) => worker.once('message', resolve));
      await new Promise((resolve) => setTimeout(resolve, 4 * Math.random()));
      await worker.terminate();
    }
    console.log('goes on');`);
  expect({ stdout, stderr, status }).toEqual({ stdout: 'goes on\n', stderr: '', status: 0 });
}
