'use strict';

const { closeSync, openSync, readSync } = require('node:fs');

const INTERPRETER = 3; // PT_INTERP, of a program header

/** This platform, as the folders of prebuilds/ are called: `darwin-arm64`, `linux-x64-glibc`. */
function platformName() {
  const { arch, execPath, platform } = process;
  return platform === 'linux' ? `linux-${arch}-${libcOf(execPath)}` : `${platform}-${arch}`;
}

/**
 * The C library that a 64-bit program of Linux runs with: its interpreter is that library's. What a system has installed
 * tells nothing, as one can have both.
 */
function libcOf(program) {
  let descriptor;
  try {
    descriptor = openSync(program, 'r');
    return /\/ld-musl-[^/]*$/.test(interpreterOf(descriptor)) ? 'musl' : 'glibc';
  } catch {
    return 'glibc'; // not readable, as under the permission model
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The dynamic linker that an ELF file names, without a 0 at the end; empty if it names none. */
function interpreterOf(descriptor) {
  const read = (position, length) => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
  };
  const header = read(0, 64);
  const entrySize = header.readUInt16LE(54);
  const table = read(Number(header.readBigUInt64LE(32)), entrySize * header.readUInt16LE(56));
  for (let at = 0; at < table.length; at += entrySize) {
    if (table.readUInt32LE(at) === INTERPRETER) {
      const [offset, length] = [at + 8, at + 32].map((field) =>
        Number(table.readBigUInt64LE(field)),
      );
      return read(offset, length - 1).toString();
    }
  }
  return '';
}

module.exports = { platformName, libcOf };
