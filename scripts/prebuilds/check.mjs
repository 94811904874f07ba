// What must hold of each prebuilt binary, as it is told from its headers. `node scripts/prebuilds/check.mjs` checks all.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readElf } from './formats/elf.mjs';
import { readMachO } from './formats/machO.mjs';
import { readPe } from './formats/pe.mjs';
import { binaryOf, NEWEST_GLIBC, targets } from './targets.mjs';

/** In bytes. The C++ library's exceptions and unwinder, once something needs them, are more than what is left to this. */
const HEAVIEST = 200 * 1024;

const readers = { linux: readElf, darwin: readMachO, win32: readPe };

/** @returns what to say of it, in a line; throws if something does not hold */
export function checkBinary({ name, libraries }) {
  const binary = readFileSync(binaryOf(name));
  const [system, arch, libc] = name.split('-');
  const { exported, glibc, needed, ...found } = readers[system](binary);

  assert.equal(found.arch, arch, `${name}: the binary is for another processor`);
  assert.ok(binary.length <= HEAVIEST, `${name}: the binary has ${binary.length} bytes`);
  assert.equal(found.hasDebugSymbols, false, `${name}: the binary is not stripped`);
  if (name === 'darwin-arm64') {
    assert.equal(found.isSigned, true, `${name}: macOS refuses what is not signed, be it ad hoc`);
  }
  assert.ok(exported.includes('napi_register_module_v1'), `${name}: Node.js finds no entry`);
  const foreign = needed.filter((library) => !libraries.some((known) => isNamed(library, known)));
  assert.deepEqual(foreign, [], `${name}: libraries that not every system has`);
  if (libc === 'glibc') {
    assert.ok(isAtMost(glibc, NEWEST_GLIBC), `${name}: needs glibc ${glibc}`);
  } else {
    assert.equal(glibc, undefined, `${name}: needs glibc`);
  }
  const needs = [...needed, ...(glibc ? [`glibc ${glibc}`] : [])].join(', ');
  return `${name}: ${Math.round(binary.length / 1024)} kB, needs ${needs}`;
}

function isNamed(library, known) {
  return library.toLowerCase().startsWith(known.toLowerCase());
}

function isAtMost(version, newest) {
  return version.localeCompare(newest, 'en', { numeric: true }) <= 0;
}

if (process.argv[1] === import.meta.filename) {
  for (const target of targets) console.log(checkBinary(target));
}
