// The process under load: a service, a client of a peer that is restarted, and workers that come and go, in both styles.
// `index.cjs PATH PEER`; prints where it listens, then a sample every second; `stop` on stdin ends what it does.
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { readdirSync } = require('node:fs');
const { createInterface } = require('node:readline');
const { serveAt } = require('./service.cjs');
const { askPeer } = require('./client.cjs');
const { employ } = require('./workers.cjs');

const [path, peer] = process.argv.slice(2);
const counts = { served: 0, answers: 0, reconnects: 0, workers: 0, wrong: 0 };
const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();

const MIB = 1024 * 1024;
function sample() {
  const longest = delay.max / 1e6;
  const delayP99 = delay.percentile(99) / 1e6;
  delay.reset();
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  const descriptors = readdirSync('/proc/self/fd').length;
  const heap = (heapUsed + external) / MIB;
  const seconds = performance.now() / 1000;
  const values = { seconds, heap, rss: rss / MIB, descriptors, delayP99, longest, ...counts };
  console.log(JSON.stringify(values));
}

const onListening = () => console.log('listening');
// The workers are clients of the service, so they end before it.
const ends = [employ(path, counts), askPeer(peer, counts), serveAt(path, counts, onListening)];
const timer = setInterval(sample, 1000);

createInterface({ input: process.stdin }).once('line', async () => {
  clearInterval(timer);
  for (const end of ends) await end();
  setImmediate(sample); // then nothing is left to do, and the process must end by itself
  process.stdin.destroy();
});
