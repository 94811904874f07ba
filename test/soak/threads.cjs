// A service on an event loop, and workers of the blocking style that come, ask it and go, some of them terminated in a verb:
// `threads.cjs COUNT`. In one process, for ThreadSanitizer.
const assert = require('node:assert');
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');
const { serveAt } = require('./subject/service.cjs');
const { employ } = require('./subject/workers.cjs');

async function main(wanted) {
  const directory = mkdtempSync(join(tmpdir(), 'bipoll-threads-'));
  const path = join(directory, 'service.sock');
  const counts = { served: 0, workers: 0, wrong: 0 };
  const endService = serveAt(path, counts);
  const endWorkers = employ(path, counts);
  while (counts.workers < wanted) await pause(10);
  await endWorkers();
  await endService();
  rmSync(directory, { recursive: true });
  assert.strictEqual(counts.wrong, 0);
  console.log(`${counts.workers} workers, ${counts.served} lines served`);
}

main(Number(process.argv[2]));
