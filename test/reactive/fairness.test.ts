import { writeAll } from 'bipoll/sync';
import { loops } from '../support/loops';
import { fill, Pair, pairOfSockets } from '../support/Pair';
import { PATIENCE } from '../support/patience';
import { until } from '../support/until';

describe.each(loops)('on $name', ({ open }) => {
  test.each([15, 16, 17, 40])(
    'beside %i peers who flood, one with five bytes is served within two rounds',
    async (count) => {
      using loop = open();
      const chunks = new Array<number>(count).fill(0);
      const busy = chunks.map(() => new Pair({ loop }, pairOfSockets()));
      busy.forEach(({ connection, peer }, index) => {
        connection.data$.subscribe(() => {
          chunks[index]!++;
          fill(peer); // always more, before the next look
        });
        fill(peer);
      });
      await until(() => chunks.every((each) => each > 0));
      const quiet = new Pair({ loop }, pairOfSockets());
      let before: readonly number[] = [];
      let rounds = Infinity;
      quiet.connection.data$.subscribe(() => {
        rounds = Math.max(...chunks.map((each, index) => each - before[index]!));
      });
      await until(() => chunks.every((each) => each > 3)); // by now it is being read
      before = [...chunks];
      writeAll(quiet.peer, 'hello', { timeout: PATIENCE });
      await until(() => rounds !== Infinity);
      for (const pair of [...busy, quiet]) pair.close();
      expect(rounds).toBeLessThanOrEqual(2);
    },
  );
});
