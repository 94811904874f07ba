'use strict';

// The native addon: the binary that the package ships for this platform, else the one compiled at install.
// BIPOLL_ADDON names another file to load instead, such as a build with sanitizers.
module.exports = process.env.BIPOLL_ADDON
  ? require(process.env.BIPOLL_ADDON)
  : require('pkg-prebuilds')(__dirname, require('./binding-options.js'));
