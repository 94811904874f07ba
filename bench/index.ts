// All figures, as ratios measured in one run:
//
//   npm run bench
//   npm run bench -- --document    writes docs/explanations/figures.md and its plot as well
//   npm run bench -- --trial       only whether it works: everything once and briefly
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { echoService } from './echo-service';
import { isTrial } from './effort';
import { httpServer } from './http';
import { idle } from './idle';
import { thisMachine } from './machine';
import { page } from './page';
import { plot } from './plot';
import { poller } from './poller';
import { show } from './ratios';
import { roundTrip } from './round-trip';
import { startUp } from './start';
import { tlsEcho } from './tls-echo';
import { udpEcho } from './udp-echo';

const FOLDER = join(__dirname, '../docs/explanations');

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { document: { type: 'boolean', default: false }, trial: { type: 'boolean' } },
  });
  const machine = await thisMachine();
  const figures = [
    ...(await roundTrip()),
    ...poller(),
    ...(await echoService()),
    ...(await udpEcho()),
    ...(await tlsEcho()),
    ...(await httpServer()),
    ...(await idle()),
    ...startUp(),
  ];
  console.log();
  if (isTrial) return;
  show(figures);
  if (!values.document) return;
  writeFileSync(join(FOLDER, 'figures.md'), page(figures, machine));
  writeFileSync(join(FOLDER, 'figures.svg'), plot(figures));
}

void main();
