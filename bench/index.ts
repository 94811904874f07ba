// All figures, as ratios measured in one run: `npm run bench`.
import { echoService } from './echo-service';
import { idle } from './idle';
import { poller } from './poller';
import { show } from './ratios';
import { roundTrip } from './round-trip';
import { startUp } from './start';
import { udpEcho } from './udp-echo';

async function main(): Promise<void> {
  const figures = [
    ...(await roundTrip()),
    ...poller(),
    ...(await echoService()),
    ...(await udpEcho()),
    ...(await idle()),
    ...startUp(),
  ];
  console.log();
  show(figures);
}

void main();
