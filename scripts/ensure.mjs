// Makes a checkout ready to test or run: installs and builds what is missing or out of date.
// Runs before anything is installed, so it needs nothing but Node, and in the root of the checkout, as npm's scripts do.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { requireBuildTools } from '../loader/buildTools.js';

const OLDEST_NODE = 20;

const onWindows = process.platform === 'win32';

const steps = [
  {
    inputs: ['package-lock.json'],
    output: 'node_modules/.package-lock.json',
    npmArguments: ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    done: 'Installed the dependencies',
  },
  {
    inputs: ['CMakeLists.txt', 'src/native'],
    output: 'build/Release/bipoll.node',
    npmArguments: ['run', 'build:native'],
    needsBuildTools: true,
    done: 'Built the native addon',
  },
  {
    inputs: ['package.json', 'rollup.config.mjs', 'scripts/program', 'tsconfig.json', 'src'],
    notInputs: join('src', 'native'),
    output: 'dist/core/index.js',
    npmArguments: ['run', 'build:js'],
    done: 'Built dist',
  },
];

function fail(message) {
  console.error(message);
  process.exit(1);
}

/** When the file, or the newest file below the directory, was last written; 0 if there is none. */
function lastWritten(path, except) {
  if (path === except) return 0;
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return 0;
  if (!status.isDirectory()) return status.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => lastWritten(join(path, name), except)));
}

function isOutOfDate({ inputs, notInputs, output }) {
  const built = lastWritten(output);
  return built === 0 || inputs.some((input) => lastWritten(input, notInputs) > built);
}

function requireNode() {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    fail(`bipoll needs Node.js ${OLDEST_NODE} or newer; this is ${process.version}.`);
  }
}

function run({ npmArguments, output, done }) {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync('npm', npmArguments, {
    encoding: 'utf8',
    shell: onWindows,
  });
  if (status !== 0) {
    const reason = error?.message ?? `${stdout}${stderr}`.trimEnd();
    fail(`${reason}\n'npm ${npmArguments.join(' ')}' failed.`);
  }
  // A build that finds nothing to do leaves its output as old as it was.
  if (lastWritten(output) > 0) utimesSync(output, new Date(), new Date());
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${done} (${seconds} s)`);
}

requireNode();
const pending = steps.filter(isOutOfDate);
try {
  if (pending.some((step) => step.needsBuildTools)) requireBuildTools();
} catch (error) {
  fail(error.message);
}
pending.forEach(run);
