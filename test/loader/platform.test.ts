import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const platformModule = resolve(__dirname, '../../loader/platform.js');
const directory = mkdtempSync(join(tmpdir(), 'bipoll-platform-'));

afterAll(() => {
  rmSync(directory, { recursive: true });
});

test.each([
  ['glibc', '/lib64/ld-linux-x86-64.so.2'],
  ['glibc', '/nix/store/0abc-glibc-2.40/lib/ld-linux-aarch64.so.1'],
  ['musl', '/lib/ld-musl-x86_64.so.1'],
  ['musl', '/usr/glibc-compat/lib/ld-musl-aarch64.so.1'],
])('a program runs with %s whose interpreter is %s', (libc, interpreter) => {
  expect(libcOf(program(interpreter))).toBe(libc);
});

test('glibc is supposed of a program that cannot be read', () => {
  expect(libcOf(join(directory, 'none'))).toBe('glibc');
});

test('and of one that is no ELF file, or names no interpreter', () => {
  expect(libcOf(platformModule)).toBe('glibc');
  expect(libcOf(program())).toBe('glibc');
});

/** Writes a program that is nothing but headers, which name the interpreter behind another header. */
function program(interpreter?: string): string {
  const path = interpreter === undefined ? '' : `${interpreter}\0`;
  const [load, interpret] = [1, 3];
  const file = Buffer.alloc(64 + 2 * 56 + path.length);
  file.writeUInt32BE(0x7f454c46, 0);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(2, 56);
  file.writeUInt32LE(load, 64);
  file.writeUInt32LE(interpreter === undefined ? load : interpret, 64 + 56);
  file.writeBigUInt64LE(BigInt(64 + 2 * 56), 64 + 56 + 8);
  file.writeBigUInt64LE(BigInt(path.length), 64 + 56 + 32);
  file.write(path, 64 + 2 * 56);
  const name = join(directory, 'program');
  writeFileSync(name, file);
  return name;
}

function libcOf(path: string): string {
  const script = `process.stdout.write(require(${JSON.stringify(platformModule)}).libcOf(${JSON.stringify(path)}))`;
  return spawnSync(process.execPath, ['--eval', script], { encoding: 'utf8' }).stdout;
}
