'use strict';

// The native addon. This file may be a part of a bundle: so the addon is looked for beside it and in the package, by
// names that no bundler follows.
const { existsSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const { platformName } = require('./loader/platform.js');

// In a bundle of ES modules there is no __filename.
const thisFile = typeof __filename === 'string' ? __filename : process.argv[1];
const requireFromHere = createRequire(thisFile);

module.exports = loadAddon();

/** Loads the first that there is: a broken one is reported, not passed over. */
function loadAddon() {
  const sought = [];
  for (const file of addonFiles()) {
    sought.push(file);
    if (existsSync(file)) return load(file);
  }
  throw describeFailure(sought);
}

function load(file) {
  try {
    return requireFromHere(file);
  } catch (cause) {
    throw describeFailure([file], cause);
  }
}

/** BIPOLL_ADDON names another file to load, such as a build with sanitizers. */
function* addonFiles() {
  if (process.env.BIPOLL_ADDON) {
    yield process.env.BIPOLL_ADDON;
  } else {
    for (const directory of packageDirectories()) {
      yield join(directory, 'build', 'Release', 'bipoll.node'); // compiled here, as somebody asked for it
      yield join(directory, 'prebuilds', platformName(), 'bipoll.node');
    }
  }
}

/** The package; for a bundle, the directory that it is in, and the package that an import from there would find. */
function* packageDirectories() {
  const ownDirectory = dirname(thisFile);
  yield ownDirectory;
  const installed = installedPackage();
  if (installed !== undefined && installed !== ownDirectory) yield installed;
}

function installedPackage() {
  try {
    return dirname(requireFromHere.resolve('bipoll/package.json'));
  } catch {
    return undefined;
  }
}

/** Loads what it needs only here, as most programs need none of it. */
function describeFailure(sought, cause) {
  const { addonError } = require('./loader/addonError.js');
  return addonError(platformName(), sought, cause);
}
