// Builds and checks the binaries that the package brings, each for another system, on Linux x64:
//
//   npm run prebuilds                     all of them
//   npm run prebuilds -- linux-x64-musl   these
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkBinary } from './check.mjs';
import { binaryOf, targets } from './targets.mjs';
import { findZig } from './zig.mjs';

const toolchain = join(import.meta.dirname, 'zig.cmake');

function build({ name, target }) {
  const directory = join('build', 'prebuilds', name);
  const options = ['--CDBIPOLL_PREBUILT=ON', `--CDCMAKE_TOOLCHAIN_FILE=${toolchain}`];
  // A macro of musl's headers makes a warning.
  if (!name.endsWith('musl')) options.push('--CDBIPOLL_WERROR=ON');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['node_modules/cmake-js/bin/cmake-js', 'compile', '--out', directory, ...options],
    {
      encoding: 'utf8',
      env: { ...process.env, BIPOLL_ZIG: findZig(), BIPOLL_ZIG_TARGET: target },
    },
  );
  if (status !== 0) throw new Error(`${stdout}${stderr}\nThe binary for ${name} was not built.`);
  const binary = binaryOf(name);
  mkdirSync(dirname(binary), { recursive: true });
  copyFileSync(join(directory, 'Release', 'bipoll.node'), binary);
}

function requireTools() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('The prebuilt binaries are built on Linux x64, for all systems.');
  }
  if (spawnSync('cmake', ['--version']).error) {
    throw new Error('CMake is missing: apt-get install cmake build-essential');
  }
}

function choose(names) {
  const unknown = names.filter((name) => !targets.some((target) => target.name === name));
  if (unknown.length > 0) {
    throw new Error(
      `No target: ${unknown.join(', ')}. Targets: ${targets.map(({ name }) => name).join(', ')}`,
    );
  }
  return names.length > 0 ? targets.filter(({ name }) => names.includes(name)) : targets;
}

try {
  const chosen = choose(process.argv.slice(2));
  requireTools();
  // No binary of an earlier list of targets goes into the package.
  if (chosen === targets) rmSync('prebuilds', { recursive: true, force: true });
  for (const target of chosen) {
    build(target);
    console.log(checkBinary(target));
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
