// The program of the TLS thread. It is started from a text (see scripts/program), so it has nothing of bipoll but these
// files, and of Node.js whatever it imports.
import { parentPort, workerData } from 'node:worker_threads';
import type { SessionRequest } from '../letters';
import { Session } from './Session';

/** How many sessions have something to send, or may get it. */
const unsent = workerData as Int32Array;

parentPort?.on('message', (request: SessionRequest) => {
  Session.start(request, () => {
    Atomics.sub(unsent, 0, 1);
    Atomics.notify(unsent, 0);
  });
});

// The parent must not wait for a thread that has failed.
process.once('exit', () => {
  Atomics.store(unsent, 0, 0);
  Atomics.notify(unsent, 0);
});
