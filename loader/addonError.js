'use strict';

const { howToInstallBuildTools } = require('./buildTools.js');
const { PREBUILT } = require('./prebuilt.js');

const howToCompile = `\
To compile the addon, once in each installation:
  npm             npx bipoll --build-from-source
  pnpm            pnpm exec bipoll --build-from-source
  yarn            yarn bipoll --build-from-source
That needs CMake and a C++ compiler:
${howToInstallBuildTools}`;

/**
 * Says why there is no addon, and what to do about it.
 *
 * @param platform the name of this platform
 * @param sought the files that were looked for; with a cause, the one that could not be loaded
 * @param cause why that could not be loaded
 */
function addonError(platform, sought, cause) {
  const files = sought.map((file) => `  ${file}`).join('\n');
  const where = `for ${platform}, Node.js ${process.versions.node}`;
  const problem =
    cause === undefined
      ? `bipoll finds no native addon ${where}. It looked for:\n${files}`
      : `bipoll cannot load its native addon ${where}:\n${files}\n  ${cause.message}`;
  const error = new Error(`${problem}\n${adviceFor(platform, cause)}`, { cause });
  return Object.assign(error, { code: 'ERR_BIPOLL_ADDON' });
}

function adviceFor(platform, cause) {
  if (cause?.code === 'ERR_DLOPEN_DISABLED') {
    return 'Start Node.js with --allow-addons if it has the permission model, and without --no-addons.';
  }
  if (process.env.BIPOLL_ADDON) return 'The environment variable BIPOLL_ADDON names this file.';
  const whatIsPrebuilt = PREBUILT.includes(platform)
    ? `The package brings a binary for ${platform}: if it is missing in node_modules/bipoll, install bipoll again.\n` +
      'A bundle or a single executable needs a copy of node_modules/bipoll/prebuilds beside it.'
    : `The package brings binaries for ${PREBUILT.join(', ')} only.`;
  return `${whatIsPrebuilt}\n${howToCompile}`;
}

module.exports = { addonError };
