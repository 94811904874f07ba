// The platforms that the package brings a binary for. Names are those that loader/platform.js gives.
import { join } from 'node:path';

/** No newer glibc may be needed: the one that Node.js 20 itself asks for. */
export const NEWEST_GLIBC = '2.28';

const ofGlibc = ['libc.so.6', 'libpthread.so.0', 'libdl.so.2', 'ld-linux'];
const ofMusl = ['libc.so'];
const ofMacOS = ['/usr/lib/libSystem.B.dylib'];
const ofWindows = ['advapi32', 'api-ms-win-crt-', 'iphlpapi', 'kernel32', 'ntdll', 'ws2_32'];

/**
 * `target` is what the zig compiler calls it; `libraries` begin the names of what the system has for certain: nothing else
 * may be needed.
 */
export const targets = [
  { name: 'linux-x64-glibc', target: `x86_64-linux-gnu.${NEWEST_GLIBC}`, libraries: ofGlibc },
  { name: 'linux-arm64-glibc', target: `aarch64-linux-gnu.${NEWEST_GLIBC}`, libraries: ofGlibc },
  { name: 'linux-x64-musl', target: 'x86_64-linux-musl', libraries: ofMusl },
  { name: 'linux-arm64-musl', target: 'aarch64-linux-musl', libraries: ofMusl },
  { name: 'darwin-x64', target: 'x86_64-macos.11.0', libraries: ofMacOS },
  { name: 'darwin-arm64', target: 'aarch64-macos.11.0', libraries: ofMacOS },
  { name: 'win32-x64', target: 'x86_64-windows-gnu', libraries: ofWindows },
  { name: 'win32-arm64', target: 'aarch64-windows-gnu', libraries: ofWindows },
];

/** Where the package has the binary of a target. */
export function binaryOf(name) {
  return join('prebuilds', name, 'bipoll.node');
}
