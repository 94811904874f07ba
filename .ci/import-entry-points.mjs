// Run in a project that has installed bipoll: every entry point can be required and imported, and gives the same values.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { exports } = require('bipoll/package.json');

for (const [path, target] of Object.entries(exports)) {
  if (typeof target === 'string') continue;
  const entryPoint = path.replace('.', 'bipoll');
  const required = require(entryPoint);
  const { ...imported } = await import(entryPoint);
  assert.ok(Object.keys(required).length > 0, `${entryPoint} exports nothing`);
  assert.deepEqual(Object.keys(imported).sort(), Object.keys(required).sort());
  for (const name of Object.keys(required)) assert.equal(imported[name], required[name], name);
  console.log(`${entryPoint}: ${Object.keys(required).join(', ')}`);
}
