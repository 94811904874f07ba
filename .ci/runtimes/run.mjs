// Runs all behaviours over TCP and a local socket, on whichever runtime this is started with.
// `run.mjs programs` runs the programs of test/programs as well, with the real servers: for Linux.
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventLoop } from 'bipoll/reactive';
import { compare, NothingToCompare } from '../../test/programs/compare.mjs';
import { within } from '../../test/programs/within.mjs';
import { behaviours } from './behaviours.mjs';

const PATIENCE = 20_000; // ms, for one behaviour

const { bun, deno, node } = process.versions;
const runtime = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node.js ${node}`;
const name = `bipoll-${process.pid}.sock`;
const path = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name);
const targets = { TCP: { host: '127.0.0.1', port: 0 }, 'a local socket': { path } };

let failed = 0;
let ran = 0;
for (const [title, behaviour] of Object.entries(behaviours)) {
  for (const [transport, target] of Object.entries(targets)) {
    await run(`${title}, over ${transport}`, () => within(PATIENCE, behaviour(target)));
  }
}
const behavioural = ran;
ran = 0;
const { programs } = process.argv.includes('programs')
  ? await import('../../test/programs/index.mjs')
  : { programs: {} };
for (const [title, program] of Object.entries(programs)) {
  const { needs } = program;
  if (needs && !existsSync(needs)) skip(title, `there is no ${needs}`);
  else await run(title, () => compare(program));
}
const { backend, driver } = EventLoop.default;
console.log(
  `${runtime}: ${behavioural} behaviours over ${Object.keys(targets).join(' and ')}, ${ran} programs, ` +
    `${failed} failures, on ${backend} by ${driver}`,
);
process.exit(failed > 0 ? 1 : 0);

async function run(title, what) {
  try {
    await what();
    ran += 1;
  } catch (error) {
    if (error instanceof NothingToCompare && (bun || deno)) {
      skip(title, error.message);
    } else {
      failed += 1;
      console.error(`FAILED  ${title}:`, error);
    }
  }
}

function skip(title, reason) {
  console.log(`Skipped: ${title}: ${reason}`);
}
