// Jest's transformer of a program: importing it gives its text, as in dist.
'use strict';

const { textOf } = require('./textOf.cjs');

module.exports = {
  process: (_, file) => ({
    code: `exports.default = ${JSON.stringify(textOf(file))};\nexports.__esModule = true;`,
  }),
  getCacheKey: (_, file) => textOf(file), // which changes with any file of the program
};
