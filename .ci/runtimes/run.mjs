// Runs all behaviours over TCP and a local socket, on whichever runtime this is started with.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventLoop } from 'bipoll/reactive';
import { behaviours } from './behaviours.mjs';

const PATIENCE = 20_000; // ms, for one behaviour

const { bun, deno, node } = process.versions;
const runtime = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node.js ${node}`;
const name = `bipoll-${process.pid}.sock`;
const path = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name);
const targets = { TCP: { host: '127.0.0.1', port: 0 }, 'a local socket': { path } };

let failed = 0;
for (const [title, behaviour] of Object.entries(behaviours)) {
  for (const [transport, target] of Object.entries(targets)) {
    try {
      await within(PATIENCE, behaviour(target));
    } catch (error) {
      failed += 1;
      console.error(`FAILED  ${title}, over ${transport}:`, error);
    }
  }
}
const { backend, driver } = EventLoop.default;
const count = Object.keys(behaviours).length;
console.log(
  `${runtime}: ${count} behaviours over ${Object.keys(targets).join(' and ')}, ${failed} failures, on ${backend} by ${driver}`,
);
process.exit(failed > 0 ? 1 : 0);

async function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not over in ${milliseconds} ms`)), milliseconds);
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
