// All figures, as ratios measured in one run:
//
//   npm run bench
//   npm run bench -- --document    writes docs/explanations/figures.md and its plots as well
//   npm run bench -- --trial       only whether it works: everything once and briefly
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { curvePlot } from './curvePlot';
import { curves } from './curves';
import { echoService } from './echo-service';
import { isTrial } from './effort';
import { httpServer } from './http';
import { idle } from './idle';
import { thisMachine } from './machine';
import { page, PLOTS } from './page';
import { poller } from './poller';
import { ratioPlot } from './ratioPlot';
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
  const measured = await curves();
  const figures = [
    ...measured.figures,
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
  mkdirSync(join(FOLDER, PLOTS), { recursive: true });
  writeFileSync(join(FOLDER, 'figures.md'), page(figures, measured.curves, machine));
  writeFileSync(join(FOLDER, PLOTS, 'ratios.svg'), ratioPlot(figures));
  for (const curve of measured.curves) {
    writeFileSync(join(FOLDER, PLOTS, `${curve.name}.svg`), curvePlot(curve));
  }
}

void main();
