// The platforms that the package brings a binary for. Names are those that binding/platform.js gives this platform.
import { join, resolve } from 'node:path';

const toolchains = {
  zig: resolve(import.meta.dirname, 'zig.cmake'),
  mingw: resolve(import.meta.dirname, '../../.ci/windows/mingw64.cmake'),
};

/** No newer glibc may be needed: the one that Node.js 20 itself asks for. */
export const NEWEST_GLIBC = '2.28';

const ofGlibc = ['libc.so.6', 'libpthread.so.0', 'libdl.so.2', 'ld-linux'];
const ofMusl = ['libc.so'];
const ofMacOS = ['/usr/lib/libSystem.B.dylib'];
const ofWindows = ['advapi32', 'iphlpapi', 'kernel32', 'msvcrt', 'ntdll', 'ws2_32'];

/** `libraries` begin the names of what the system has for certain: nothing else may be needed. */
const zigTargets = [
  { name: 'linux-x64-glibc', target: 'x86_64-linux-gnu.2.28', libraries: ofGlibc },
  { name: 'linux-arm64-glibc', target: 'aarch64-linux-gnu.2.28', libraries: ofGlibc },
  { name: 'linux-x64-musl', target: 'x86_64-linux-musl', libraries: ofMusl },
  { name: 'linux-arm64-musl', target: 'aarch64-linux-musl', libraries: ofMusl },
  { name: 'darwin-x64', target: 'x86_64-macos.11.0', libraries: ofMacOS },
  { name: 'darwin-arm64', target: 'aarch64-macos.11.0', libraries: ofMacOS },
];

export const targets = [
  ...zigTargets.map(({ name, target, libraries }) => ({
    name,
    libraries,
    toolchain: toolchains.zig,
    environment: { BIPOLL_ZIG_TARGET: target },
  })),
  { name: 'win32-x64', libraries: ofWindows, toolchain: toolchains.mingw, environment: {} },
];

/** Where the package has the binary of a target. */
export function binaryOf(name) {
  return join('prebuilds', name, 'bipoll.node');
}
