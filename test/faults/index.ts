// Plays every scenario with every plausible fault of every call that it makes, and says what became of it:
//
//   npm run test:faults                             the first positions of each call, and writes docs/faults.md
//   npx tsx test/faults/index.ts                    the same, and writes nothing
//   npx tsx test/faults/index.ts --positions 1      fewer of them, or more
//   npx tsx test/faults/index.ts --only 'service'   those scenarios alone
//   npx tsx test/faults/index.ts --json FILE        writes counts as Jest does
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildFaults, whyNoFaults } from './build';
import { type Cell, cellsOf, isMistake } from './Cell';
import { documentOf } from './document';
import { Player } from './Player';
import { jestReport, summary } from './report';
import { nameOf, scenarios } from './scenarios';

const POSITIONS = 3;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      positions: { type: 'string', default: String(POSITIONS) },
      only: { type: 'string', default: '' },
      json: { type: 'string' },
      document: { type: 'string' },
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
  if (values.document) writeFileSync(values.document, await documentOf(cells));
  process.exitCode = cells.some(isMistake) ? 1 : 0;
}

void main();
