import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isWindows, testWhere } from '../support/where';

const script = resolve(__dirname, '../../scripts/ensure.mjs');

const install = 'ci --ignore-scripts --no-audit --no-fund --loglevel=error';
const buildAddon = 'run build:native';
const buildDist = 'run build:js';

const sources = [
  'package-lock.json',
  'package.json',
  'CMakeLists.txt',
  'src/native/engine/engine.c',
  'src/core/index.ts',
];
const outputs = [
  'node_modules/.package-lock.json',
  'build/Release/bipoll.node',
  'dist/core/index.js',
];
// On Windows CMake finds the compilers and the build program by itself.
const tools = new Map([
  ['cmake', 'CMake'],
  ...(isWindows
    ? []
    : ([
        ['cc', 'a C compiler'],
        ['c++', 'a C++ compiler'],
        ['make', 'Ninja or Make'],
      ] as const)),
]);

let checkout: string;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'bipoll-ensure-'));
  for (const file of sources) write(file, '', 'an hour ago');
});

afterEach(() => {
  rmSync(checkout, { recursive: true });
});

test('names every build tool that is missing and how to install them', () => {
  const { status, stderr } = ensure();
  expect(status).toBe(1);
  expect(stderr).toContain(`cannot find: ${[...tools.values()].join(', ')}.`);
  expect(stderr).toMatch(/^ {2}Debian, Ubuntu +sudo apt-get install cmake build-essential$/m);
  for (const system of ['Fedora', 'macOS', 'Windows']) expect(stderr).toContain(system);
});

test.each([...tools])('names the missing tool alone when only %s is missing', (missing, name) => {
  provideAll([...tools.keys()].filter((tool) => tool !== missing));
  const { status, stderr } = ensure();
  expect(status).toBe(1);
  expect(stderr).toContain(`cannot find: ${name}.\n`);
});

const whereCompilersAreSought = testWhere(!isWindows, 'CMake finds them by itself on Windows');
whereCompilersAreSought('takes the compilers that CC and CXX name', () => {
  provideAll(['cmake', 'ninja', 'my-cc', 'my-c++']);
  provideNpm();
  expect(ensure({ CC: 'my-cc -m64', CXX: 'my-c++' }).status).toBe(0);
});

test('installs and builds everything in a fresh checkout, with one line for each step', () => {
  provideAll([...tools.keys()]);
  provideNpm();
  const { status, stdout } = ensure();
  expect(status).toBe(0);
  expect(stepsRun()).toEqual([install, buildAddon, buildDist]);
  expect(stdout).toMatch(
    /^Installed the dependencies \(.+ s\)\nBuilt the native addon \(.+ s\)\nBuilt dist \(.+ s\)\n$/,
  );
});

test('does and says nothing when all is up to date, and then needs no build tools', () => {
  provideNpm();
  for (const file of outputs) write(file, '');
  expect(ensure()).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(stepsRun()).toEqual([]);
});

test.each([
  ['the lock file', 'package-lock.json', [install]],
  ['a native source', 'src/native/engine/engine.c', [buildAddon]],
  ['the CMake project', 'CMakeLists.txt', [buildAddon]],
  ['a TypeScript source', 'src/core/index.ts', [buildDist]],
])('after a change of %s does what depends on it', (_, changed, expected) => {
  provideAll([...tools.keys()]);
  provideNpm();
  for (const file of outputs) write(file, '', 'a minute ago');
  write(changed, 'changed');
  expect(ensure().status).toBe(0);
  expect(stepsRun()).toEqual(expected);
});

test('is content after a build that left its output as it was', () => {
  provideAll([...tools.keys()]);
  provideNpm();
  for (const file of outputs) write(file, '', 'a minute ago');
  write('CMakeLists.txt', 'changed');
  ensure();
  ensure();
  expect(stepsRun()).toEqual([buildAddon]);
});

test('stops at the step that fails and shows its output', () => {
  provideAll([...tools.keys()]);
  provideNpm('console.log("no such package"); process.exit(3);');
  const { status, stdout, stderr } = ensure();
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toBe(`no such package\n'npm ${install}' failed.\n`);
  expect(stepsRun()).toEqual([install]);
});

const ages = { now: 0, 'a minute ago': 60, 'an hour ago': 3600 };

function write(file: string, text: string, age: keyof typeof ages = 'now'): void {
  const path = join(checkout, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  const time = Date.now() / 1000 - ages[age];
  utimesSync(path, time, time);
}

/** Puts a file that can be executed into the only directory of PATH. */
function provide(name: string, text = ''): void {
  write(join('bin', name), text);
  chmodSync(join(checkout, 'bin', name), 0o755);
}

/** They are looked for, and not run. */
function provideAll(commands: string[]): void {
  for (const command of commands) provide(isWindows ? `${command}.exe` : command);
}

/** An npm that writes down what it was told, and then does the given thing. */
function provideNpm(body = ''): void {
  write(
    'npm.mjs',
    `import { appendFileSync } from 'node:fs';
     appendFileSync('npm.log', process.argv.slice(2).join(' ') + '\\n');
     ${body}`,
  );
  const run = `"${process.execPath}" "${join(checkout, 'npm.mjs')}"`;
  if (isWindows) provide('npm.cmd', `@${run} %*\r\n`);
  else provide('npm', `#!/bin/sh\nexec ${run} "$@"\n`);
}

function stepsRun(): string[] {
  try {
    return readFileSync(join(checkout, 'npm.log'), 'utf8').trimEnd().split('\n');
  } catch {
    return [];
  }
}

function ensure(environment: NodeJS.ProcessEnv = {}) {
  return spawnSync(process.execPath, [script], {
    cwd: checkout,
    env: { PATH: join(checkout, 'bin'), ComSpec: process.env['ComSpec'], ...environment },
    encoding: 'utf8',
  });
}
