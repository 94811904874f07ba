// All figures, as ratios measured in one run: `npm run bench`.
import { echoService } from './echo-service';
import { httpServer } from './http';
import { idle } from './idle';
import { poller } from './poller';
import { show } from './ratios';
import { roundTrip } from './round-trip';
import { startUp } from './start';
import { tlsEcho } from './tls-echo';
import { udpEcho } from './udp-echo';

async function main(): Promise<void> {
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
  show(figures);
}

void main();
