// Each program in a process of its own: most are modules that Jest does not load.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PATIENCE } from '../support/patience';
import { reportNoLeaks } from '../support/script';
import { describeWhere, isWindows, testWhere } from '../support/where';

interface Program {
  readonly title: string;
  /** The file that must be there for it. */
  readonly needs: string | null;
}

const play = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(__dirname, 'play.mjs'), ...args], {
    encoding: 'utf8',
    timeout: PATIENCE,
    env: process.env, // which in a test is not what a child inherits
  });

describeWhere(!isWindows, 'its servers are programs of Debian')(
  'over our stream as over node:net',
  () => {
    reportNoLeaks();

    for (const { title, needs } of JSON.parse(play().stdout) as Program[]) {
      const isThere = needs === null || existsSync(needs);
      testWhere(isThere, `there is no ${needs}`)(title, () => {
        const { status, stderr } = play(title);
        expect({ status, stderr }).toMatchObject({ status: 0 });
      });
    }
  },
);
