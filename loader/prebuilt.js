'use strict';

/** The platforms that the package brings a binary for, each in a folder of prebuilds/. */
module.exports.PREBUILT = [
  'darwin-arm64',
  'darwin-x64',
  'linux-arm64-glibc',
  'linux-arm64-musl',
  'linux-x64-glibc',
  'linux-x64-musl',
  'win32-arm64',
  'win32-x64',
];
