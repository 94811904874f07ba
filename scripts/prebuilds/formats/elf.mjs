// What a shared library of Linux says of itself, 64-bit and little-endian.
const ARCHITECTURES = { 62: 'x64', 183: 'arm64' };
const SYMBOL_TABLE = 2;
const DYNAMIC = 6;
const DYNAMIC_SYMBOLS = 11;
const NEEDED_VERSIONS = 0x6ffffffe;
const DT_NEEDED = 1;

export function readElf(binary) {
  if (binary.readUInt32BE(0) !== 0x7f454c46) throw new Error('This is no ELF file.');
  const sections = readSections(binary);
  const ofType = (type) => sections.filter((section) => section.type === type);
  const text = (section, offset) => readText(binary, sections[section.link].offset + offset);
  return {
    arch: ARCHITECTURES[binary.readUInt16LE(18)],
    hasDebugSymbols: ofType(SYMBOL_TABLE).length > 0,
    needed: ofType(DYNAMIC).flatMap((section) =>
      entries(section)
        .filter((at) => number(binary, at) === DT_NEEDED)
        .map((at) => text(section, number(binary, at + 8))),
    ),
    exported: ofType(DYNAMIC_SYMBOLS).flatMap((section) =>
      entries(section)
        .filter((at) => binary.readUInt16LE(at + 6) !== 0) // defined here, in a section
        .map((at) => text(section, binary.readUInt32LE(at))),
    ),
    glibc: newestGlibc(
      ofType(NEEDED_VERSIONS).flatMap((section) =>
        neededVersions(binary, section).map((offset) => text(section, offset)),
      ),
    ),
  };
}

function readSections(binary) {
  const table = number(binary, 40);
  const size = binary.readUInt16LE(58);
  return Array.from({ length: binary.readUInt16LE(60) }, (_, index) => {
    const at = table + index * size;
    return {
      type: binary.readUInt32LE(at + 4),
      offset: number(binary, at + 24),
      size: number(binary, at + 32),
      link: binary.readUInt32LE(at + 40),
      entrySize: number(binary, at + 56),
    };
  });
}

/** Where each entry of a section of equal ones begins. */
function entries({ offset, size, entrySize }) {
  return Array.from({ length: size / entrySize }, (_, index) => offset + index * entrySize);
}

/** The offsets of the names of versions: a list of libraries, each with a list of versions. */
function neededVersions(binary, { offset }) {
  const names = [];
  for (let library = offset, next = 1; next !== 0; library += next) {
    next = binary.readUInt32LE(library + 12);
    let version = library + binary.readUInt32LE(library + 8);
    for (let left = binary.readUInt16LE(library + 2); left > 0; left--) {
      names.push(binary.readUInt32LE(version + 8));
      version += binary.readUInt32LE(version + 12);
    }
  }
  return names;
}

function newestGlibc(versions) {
  return versions
    .filter((version) => version.startsWith('GLIBC_'))
    .map((version) => version.slice('GLIBC_'.length))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1);
}

function number(binary, offset) {
  return Number(binary.readBigUInt64LE(offset));
}

function readText(binary, offset) {
  return binary.toString('utf8', offset, binary.indexOf(0, offset));
}
