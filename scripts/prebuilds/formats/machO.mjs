// What a library of macOS says of itself, 64-bit and for one processor.
const ARCHITECTURES = { 0x01000007: 'x64', 0x0100000c: 'arm64' };
const LOAD_LIBRARY = 0xc;
const ID = 0xd; // the library's own name
const SYMBOLS = 0x2;
const DYNAMIC_SYMBOLS = 0xb;

export function readMachO(binary) {
  if (binary.readUInt32LE(0) !== 0xfeedfacf) throw new Error('This is no 64-bit Mach-O file.');
  const commands = readCommands(binary);
  const symbols = commands.find(({ type }) => type === SYMBOLS).at;
  const dynamic = commands.find(({ type }) => type === DYNAMIC_SYMBOLS).at;
  const names = binary.readUInt32LE(symbols + 16);
  const firstExported = binary.readUInt32LE(dynamic + 16);
  return {
    arch: ARCHITECTURES[binary.readUInt32LE(4)],
    hasSymbols: binary.readUInt32LE(dynamic + 12) > 0, // those that are no one's but the library's
    needed: commands
      .filter(({ type }) => type === LOAD_LIBRARY)
      .map(({ at }) => readText(binary, at + binary.readUInt32LE(at + 8))),
    exported: Array.from({ length: binary.readUInt32LE(dynamic + 20) }, (_, index) => {
      const entry = binary.readUInt32LE(symbols + 8) + (firstExported + index) * 16;
      return readText(binary, names + binary.readUInt32LE(entry)).slice(1); // without the underscore
    }),
  };
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
