'use strict';

// The native addon. BIPOLL_ADDON names another file to load, such as a build with sanitizers.
module.exports = process.env.BIPOLL_ADDON ? require(process.env.BIPOLL_ADDON) : load();

/** The one that was compiled at install, else the binary that the package ships for this platform. */
function load() {
  try {
    return require('./build/Release/bipoll.node');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    // Loaded only here, as it would take as long as all of the rest.
    return require('pkg-prebuilds')(__dirname, require('./binding-options.js'));
  }
}
