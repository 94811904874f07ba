// All figures, as ratios measured in one run: `npm run bench`.
import { poller } from './poller';
import { show } from './ratios';
import { roundTrip } from './round-trip';
import { startUp } from './start';

const figures = [roundTrip, poller, startUp].flatMap((measure) => measure());
console.log();
show(figures);
