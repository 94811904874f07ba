// Attacks a service of each style with real processes, while a well-behaved client goes on asking:
//
//   npm run test:hostile                     as .ci/run does, in about a minute and a half
//   npm run test:hostile -- --resets 100000  more connections that are reset
//   npm run test:hostile -- --only 'backlog' those attacks alone
//   npm run test:hostile -- --json FILE      as Jest counts its tests
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { attacks } from './attacks';
import { enterOwnNetwork, hasOwnNetwork, openNetwork, whyNoOwnNetwork } from './network';
import { jestReport, machine, table } from './report';
import { styles } from './Service';
import { type Trial, tryAttack } from './trial';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      resets: { type: 'string', default: '10000' },
      only: { type: 'string', default: '' },
      json: { type: 'string' },
    },
  });
  if (process.platform !== 'linux') {
    console.log('Skipped: what a service uses is read from /proc, as Linux has it.');
    return;
  }
  const whyNone = whyNoOwnNetwork();
  if (!hasOwnNetwork() && whyNone === null) {
    process.exitCode = enterOwnNetwork();
    return;
  }
  if (hasOwnNetwork()) openNetwork();
  const directory = mkdtempSync(join(tmpdir(), 'bipoll-hostile-'));
  const trials: Trial[] = [];
  try {
    for (const attack of attacks(Number(values.resets))) {
      if (!attack.name.includes(values.only)) continue;
      if (attack.vanishes && !hasOwnNetwork()) {
        console.log(`Skipped: ${attack.name}: ${whyNone ?? ''}`);
        continue;
      }
      for (const style of styles) {
        const trial = await tryAttack(attack, style, join(directory, `${trials.length}.sock`));
        trials.push(trial);
        console.error(`${attack.name}, ${style}: ${trial.broken.join('; ') || 'promises kept'}`);
      }
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  console.log(`${machine()}\n\n${table(trials)}`);
  if (values.json) writeFileSync(values.json, JSON.stringify(jestReport(trials)));
  process.exitCode = trials.some(({ broken }) => broken.length > 0) ? 1 : 0;
}

void main();
