// Compiles a program against the packed declarations as its author would: every entry point, as CommonJS and as an ES
// module, by each way of resolving modules, and with the library's own declarations checked (`skipLibCheck: false`).
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const RESOLUTIONS = [
  { module: 'nodenext' },
  { module: 'node16' },
  { module: 'esnext', moduleResolution: 'bundler' },
];

const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
const entries = Object.keys(exports)
  .filter((name) => !name.endsWith('.json'))
  .map((name) => `bipoll${name.slice(1)}`);
const program = [
  ...entries.map((entry, index) => `import * as entry${index} from '${entry}';`),
  `export const used: object[] = [${entries.map((_, index) => `entry${index}`).join(', ')}];`,
].join('\n');

const directory = mkdtempSync(join(tmpdir(), 'bipoll-types-'));
try {
  const modules = join(directory, 'node_modules');
  mkdirSync(join(modules, 'bipoll'), { recursive: true });
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', directory], {
      encoding: 'utf8',
    }),
  );
  execFileSync('tar', [
    '-xzf',
    join(directory, filename),
    '-C',
    join(modules, 'bipoll'),
    '--strip-components=1',
  ]);
  for (const name of ['rxjs', 'tslib', '@types', 'undici-types']) {
    symlinkSync(resolve('node_modules', name), join(modules, name));
  }
  writeFileSync(join(directory, 'user.mts'), program);
  writeFileSync(join(directory, 'user.cts'), program);
  for (const resolution of RESOLUTIONS) {
    const compilerOptions = {
      ...resolution,
      target: 'es2022',
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    const files =
      resolution.moduleResolution === 'bundler' ? ['user.mts'] : ['user.mts', 'user.cts'];
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    execFileSync('node_modules/.bin/tsc', ['--project', directory], { stdio: 'inherit' });
    console.log(`types: ${Object.values(resolution).join(', ')}: ${files.join(', ')} compiles`);
  }
} finally {
  rmSync(directory, { recursive: true });
}
