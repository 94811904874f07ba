// Runs all behaviours over TCP and a local socket, on whichever runtime this is started with.
// `run.mjs programs` runs the programs as well, and their servers: for Linux.
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventLoop } from 'bipoll/reactive';
import { behaviours } from './behaviours.mjs';
import { programs } from './programs.mjs';

const PATIENCE = 20_000; // ms, for one behaviour

const { bun, deno, node } = process.versions;
const runtime = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node.js ${node}`;
const name = `bipoll-${process.pid}.sock`;
const path = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name);
const targets = { TCP: { host: '127.0.0.1', port: 0 }, 'a local socket': { path } };

let failed = 0;
for (const [title, behaviour] of Object.entries(behaviours)) {
  for (const [transport, target] of Object.entries(targets)) {
    await run(`${title}, over ${transport}`, () => behaviour(target));
  }
}
const wanted = process.argv.includes('programs') ? Object.entries(programs) : [];
let ran = 0;
for (const [title, { needs, run: program }] of wanted) {
  if (needs && !existsSync(needs)) {
    console.log(`Skipped: ${title}: there is no ${needs}`);
    continue;
  }
  ran += 1;
  await run(title, program);
}
const { backend, driver } = EventLoop.default;
console.log(
  `${runtime}: ${Object.keys(behaviours).length} behaviours over ${Object.keys(targets).join(' and ')}, ${ran} programs, ` +
    `${failed} failures, on ${backend} by ${driver}`,
);
process.exit(failed > 0 ? 1 : 0);

async function run(title, what) {
  try {
    await within(PATIENCE, what());
  } catch (error) {
    failed += 1;
    console.error(`FAILED  ${title}:`, error);
  }
}

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
