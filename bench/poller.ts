// What a wait with one active socket costs, among 10 monitored ones and among 10,000.
import { join } from 'node:path';
import { capabilities } from 'bipoll';
import { rounds, times } from './effort';
import { alternate, compared, type Figure, median, run, show } from './ratios';

const ROUNDS = rounds(9);
const FEW = 10;
const MANY = times(10_000);

export function poller(): Figure[] {
  return capabilities().backends.map((backend) => {
    const wait = (count: number) => () =>
      Number(
        run(1, 'prlimit', [
          `--nofile=${MANY + 100}`,
          process.execPath,
          join(__dirname, 'poller.cjs'),
          backend,
          String(count),
        ]),
      );
    const times = alternate(backend === 'poll' ? rounds(3) : ROUNDS, {
      few: wait(FEW),
      many: wait(MANY),
    });
    console.log(
      `  ${backend.padEnd(8)} ${median(times.few).toFixed(2)} us among ${FEW}, ${median(times.many).toFixed(2)} us among ${MANY}`,
    );
    return {
      name: `a wait with one active socket, on ${backend}: among 10,000 / among 10`,
      ...compared(times.many, times.few),
      // poll(2) looks at every descriptor, by its nature.
      target: backend === 'poll' ? Infinity : 1.2,
    };
  });
}

if (require.main === module) show(poller());
