import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const repository = resolve(__dirname, '../..');

test('the loader knows exactly the platforms that binaries are built for', () => {
  const script = `
    import { targets } from './scripts/prebuilds/targets.mjs';
    import prebuilt from './loader/prebuilt.js';
    console.log(JSON.stringify([targets.map(({ name }) => name).sort(), prebuilt.PREBUILT]));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: repository,
    encoding: 'utf8',
  });
  const [built, known] = JSON.parse(stdout) as [string[], string[]];
  expect(known).toEqual(built);
});
