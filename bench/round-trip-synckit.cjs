// What one of COUNT round trips of 64 bytes takes through node:net in a worker, for which the caller waits with
// Atomics.wait, as synckit makes it: what a script does without bipoll. In microseconds.
'use strict';
const { createSyncFn } = require('synckit');

const [path, count] = [process.argv[2], Number(process.argv[3])];
const exchange = createSyncFn(require.resolve('./round-trip-synckit-worker.cjs'));
const message = 'x'.repeat(64);
exchange(path, message);
const started = performance.now();
for (let i = 0; i < count; i++) exchange(path, message);
console.log(((performance.now() - started) * 1000) / count);
process.exit();
