'use strict';

// What compiling the addon needs of the system.
const { accessSync, constants } = require('node:fs');
const { delimiter, resolve } = require('node:path');

const onWindows = process.platform === 'win32';

// CMake finds Visual Studio by itself, which is not in PATH.
const buildTools = [
  { name: 'CMake', commands: ['cmake'] },
  ...(onWindows
    ? []
    : [
        { name: 'a C compiler', commands: [process.env.CC, 'cc', 'gcc', 'clang'] },
        { name: 'a C++ compiler', commands: [process.env.CXX, 'c++', 'g++', 'clang++'] },
        { name: 'Ninja or Make', commands: ['ninja', 'make'] },
      ]),
];

const howToInstallBuildTools = `\
  Alpine          apk add cmake make gcc g++
  Debian, Ubuntu  sudo apt-get install cmake build-essential
  Fedora          sudo dnf install cmake make gcc gcc-c++
  FreeBSD         sudo pkg install cmake
  macOS           xcode-select --install; brew install cmake
  Windows         winget install Kitware.CMake, and Visual Studio's Build Tools with "Desktop development with C++"`;

/** Throws an error that names what is missing and how to install it. */
function requireBuildTools() {
  const missing = buildTools
    .filter(({ commands }) => !commands.filter(Boolean).some(isInstalled))
    .map(({ name }) => name);
  if (missing.length > 0) {
    throw new Error(
      `bipoll compiles its native engine and cannot find: ${missing.join(', ')}.\n${howToInstallBuildTools}`,
    );
  }
}

/** Looks the command up as a shell would; a compiler from the environment may have arguments after its name. */
function isInstalled(command) {
  const file = command.split(' ')[0] + (onWindows ? '.exe' : '');
  const directories = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return directories.some((directory) => isExecutable(resolve(directory, file)));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

module.exports = { howToInstallBuildTools, requireBuildTools };
