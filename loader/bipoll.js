#!/usr/bin/env node
'use strict';

// The program of the package. Compiling the addon comes first, as all else cannot be loaded without one.
if (process.argv[2] === '--build-from-source') require('./build-from-source.js');
else require('../dist/cli/main.js');
