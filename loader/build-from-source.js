#!/usr/bin/env node
'use strict';

// npx bipoll --build-from-source: compiles the addon of the installed package and puts it where it is loaded before a
// prebuilt one. All of it happens in a directory of its own, so that nothing but the addon stays.
const { spawnSync } = require('node:child_process');
const { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join, resolve } = require('node:path');
const { requireBuildTools } = require('./buildTools.js');
const manifest = require('../package.json');

const packageDirectory = resolve(__dirname, '..');
const TOOLS = ['cmake-js', 'node-addon-api', 'node-api-headers'];

function compile(workspace) {
  for (const source of ['CMakeLists.txt', join('src', 'native')]) {
    cpSync(join(packageDirectory, source), join(workspace, source), { recursive: true });
  }
  const dependencies = Object.fromEntries(
    TOOLS.map((name) => [name, manifest.devDependencies[name]]),
  );
  const project = { private: true, binary: manifest.binary, dependencies };
  writeFileSync(join(workspace, 'package.json'), JSON.stringify(project));

  console.log(`Fetching what compiling needs: ${TOOLS.join(', ')}`);
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  run(workspace, 'npm', ['install', ...options], process.platform === 'win32');

  console.log('Compiling');
  run(workspace, process.execPath, [
    join('node_modules', 'cmake-js', 'bin', 'cmake-js'),
    'compile',
  ]);
}

function run(cwd, command, args, shell = false) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    shell,
    encoding: 'utf8',
  });
  if (status === 0) return;
  throw new Error(
    `${error?.message ?? `${stdout}${stderr}`}\n'${command} ${args.join(' ')}' failed.`,
  );
}

function buildFromSource() {
  requireBuildTools();
  const workspace = mkdtempSync(join(tmpdir(), 'bipoll-build-'));
  try {
    compile(workspace);
    const output = join(packageDirectory, 'build', 'Release');
    mkdirSync(output, { recursive: true });
    copyFileSync(join(workspace, 'build', 'Release', 'bipoll.node'), join(output, 'bipoll.node'));
    console.log(`Compiled ${join(output, 'bipoll.node')}`);
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

function main(args) {
  if (args.length !== 1 || args[0] !== '--build-from-source') {
    throw new Error('Usage: bipoll --build-from-source');
  }
  buildFromSource();
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
