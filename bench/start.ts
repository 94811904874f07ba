// What importing `bipoll/sync` adds to the start of Node.js.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { rounds } from './effort';
import { alternate, type Figure, median, show } from './ratios';

const ROUNDS = rounds(31);
const TARGET_MS = 15;

function start(...args: string[]): () => number {
  return () => {
    const started = performance.now();
    spawnSync(process.execPath, args, { stdio: 'inherit' });
    return performance.now() - started;
  };
}

export function startUp(): Figure[] {
  const times = alternate(ROUNDS, {
    bare: start('--eval', '0'),
    required: start('--eval', `require('bipoll/sync')`),
    bareModule: start('--input-type=module', '--eval', '0'),
    imported: start('--input-type=module', '--eval', `import 'bipoll/sync'`),
    // What the module loader itself takes for the first file, whatever is in it.
    emptyImported: start(
      '--input-type=module',
      '--eval',
      `import '${join(__dirname, 'empty.cjs')}'`,
    ),
  });
  const loader = median(times.emptyImported) - median(times.bareModule);
  console.log(`  importing an empty file adds ${loader.toFixed(1)} ms`);
  const added = {
    require: median(times.required) - median(times.bare),
    import: median(times.imported) - median(times.bareModule),
  };
  return Object.entries(added).map(([way, milliseconds]) => {
    console.log(`  ${way.padEnd(8)} adds ${milliseconds.toFixed(1)} ms`);
    return {
      name: `start with ${way}: added ms / ${TARGET_MS} ms`,
      ratio: milliseconds / TARGET_MS,
      target: 1,
    };
  });
}

if (require.main === module) show(startUp());
