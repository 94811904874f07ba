// Plays every scenario with every plausible fault of every call that it makes, and says what became of it:
//
//   npm run test:faults                       the first positions of each call, in about two minutes
//   npm run test:faults -- --positions 12     more of them
//   npm run test:faults -- --only 'service'   those scenarios alone
//   npm run test:faults -- --json FILE        as Jest counts its tests
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildFaults, whyNoFaults } from './build';
import { type Cell, cellsOf, isMistake } from './Cell';
import { Player } from './Player';
import { jestReport, summary } from './report';
import { nameOf, scenarios } from './scenarios';

const SHORT_POSITIONS = 2;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      positions: { type: 'string', default: String(SHORT_POSITIONS) },
      only: { type: 'string', default: '' },
      json: { type: 'string' },
    },
  });
  const reason = whyNoFaults();
  if (reason !== null) {
    console.log(`Skipped: ${reason}.`);
    return;
  }
  const player = new Player(buildFaults());
  const cells: Cell[] = [];
  try {
    for (const scenario of scenarios) {
      if (!nameOf(scenario).includes(values.only)) continue;
      const own = await cellsOf(player, scenario, Number(values.positions));
      cells.push(...own);
      console.log(summary(nameOf(scenario), own));
    }
  } finally {
    player.stop();
  }
  if (values.json) writeFileSync(values.json, JSON.stringify(jestReport(cells)));
  process.exitCode = cells.some(isMistake) ? 1 : 0;
}

void main();
