// How heavy an installation is: weight.mjs ARCHIVE NODE_MODULES. bipoll brings no other package, and asks for no script.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const LARGEST_ARCHIVE = 1_500_000;
const LARGEST_PACKAGE = 3_000_000;
const [archive, nodeModules] = process.argv.slice(2);

const packages = readdirSync(nodeModules).filter((name) => !name.startsWith('.'));
assert.deepEqual(packages.sort(), ['bipoll', 'rxjs', 'tslib']); // which rxjs needs

const { scripts } = JSON.parse(readFileSync(join(nodeModules, 'bipoll', 'package.json'), 'utf8'));
for (const name of ['preinstall', 'install', 'postinstall']) assert.equal(scripts[name], undefined);

const archiveSize = statSync(archive).size;
const installedSize = readdirSync(join(nodeModules, 'bipoll'), { recursive: true })
  .map((path) => statSync(join(nodeModules, 'bipoll', path)))
  .filter((status) => status.isFile())
  .reduce((sum, { size }) => sum + size, 0);
console.log(
  `${Math.round(archiveSize / 1e3)} kB packed, ${Math.round(installedSize / 1e3)} kB installed`,
);
assert.ok(archiveSize < LARGEST_ARCHIVE);
assert.ok(installedSize < LARGEST_PACKAGE);
