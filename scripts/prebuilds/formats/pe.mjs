// What a DLL of 64-bit Windows says of itself.
const ARCHITECTURES = { 0x8664: 'x64', 0xaa64: 'arm64' };
const EXPORTS = 0;
const IMPORTS = 1;

export function readPe(binary) {
  const header = binary.readUInt32LE(0x3c);
  if (binary.readUInt32BE(header) !== 0x50450000) throw new Error('This is no PE file.');
  const optional = header + 24;
  const sections = readSections(binary, header);
  const where = (address) => {
    const section = sections.find(({ start, size }) => address >= start && address < start + size);
    return address - section.start + section.offset;
  };
  const text = (address) => readText(binary, where(address));
  const directory = (index) => where(binary.readUInt32LE(optional + 112 + index * 8));

  const exports = directory(EXPORTS);
  const exportedNames = where(binary.readUInt32LE(exports + 32));
  return {
    arch: ARCHITECTURES[binary.readUInt16LE(header + 4)],
    hasDebugSymbols: binary.readUInt32LE(header + 12) > 0,
    needed: namesOfLibraries(binary, directory(IMPORTS)).map(text),
    exported: Array.from({ length: binary.readUInt32LE(exports + 24) }, (_, index) =>
      text(binary.readUInt32LE(exportedNames + index * 4)),
    ),
  };
}

function readSections(binary, header) {
  const table = header + 24 + binary.readUInt16LE(header + 20);
  return Array.from({ length: binary.readUInt16LE(header + 6) }, (_, index) => {
    const at = table + index * 40;
    return {
      size: binary.readUInt32LE(at + 8),
      start: binary.readUInt32LE(at + 12),
      offset: binary.readUInt32LE(at + 20),
    };
  });
}

/** The addresses of the names, in a table whose last entry has none. What is loaded late is not in it. */
function namesOfLibraries(binary, table) {
  const names = [];
  for (let at = table + 12; binary.readUInt32LE(at) !== 0; at += 20) {
    names.push(binary.readUInt32LE(at));
  }
  return names;
}

function readText(binary, offset) {
  return binary.toString('utf8', offset, binary.indexOf(0, offset));
}
