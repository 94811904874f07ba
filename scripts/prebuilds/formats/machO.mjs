// What a library of macOS says of itself, 64-bit and for one processor.
const ARCHITECTURES = { 0x01000007: 'x64', 0x0100000c: 'arm64' };
const LOAD_LIBRARY = 0xc;
const ID = 0xd; // the library's own name
const SYMBOLS = 0x2;
const DYNAMIC_SYMBOLS = 0xb;
const SIGNATURE = 0x1d;
const FOR_DEBUGGERS = 0xe0; // of a symbol's type

export function readMachO(binary) {
  if (binary.readUInt32LE(0) !== 0xfeedfacf) throw new Error('This is no 64-bit Mach-O file.');
  const commands = readCommands(binary);
  const find = (wanted) => commands.find(({ type }) => type === wanted);
  const symbols = readSymbols(binary, find(SYMBOLS).at);
  const firstExported = binary.readUInt32LE(find(DYNAMIC_SYMBOLS).at + 16);
  const exportedCount = binary.readUInt32LE(find(DYNAMIC_SYMBOLS).at + 20);
  return {
    arch: ARCHITECTURES[binary.readUInt32LE(4)],
    hasDebugSymbols: symbols.some(({ type }) => (type & FOR_DEBUGGERS) !== 0),
    isSigned: find(SIGNATURE) !== undefined,
    needed: commands
      .filter(({ type }) => type === LOAD_LIBRARY)
      .map(({ at }) => readText(binary, at + binary.readUInt32LE(at + 8))),
    exported: symbols
      .slice(firstExported, firstExported + exportedCount)
      .map(({ name }) => name.slice(1)), // without the underscore
  };
}

function readSymbols(binary, command) {
  const [table, count, names] = [8, 12, 16].map((field) => binary.readUInt32LE(command + field));
  return Array.from({ length: count }, (_, index) => {
    const at = table + index * 16;
    return { name: readText(binary, names + binary.readUInt32LE(at)), type: binary[at + 4] };
  });
}

function readCommands(binary) {
  const commands = [];
  let at = 32;
  for (let left = binary.readUInt32LE(16); left > 0; left--) {
    const type = binary.readUInt32LE(at);
    if (type !== ID) commands.push({ type, at });
    at += binary.readUInt32LE(at + 4);
  }
  return commands;
}

function readText(binary, offset) {
  return binary.toString('utf8', offset, binary.indexOf(0, offset));
}
