// Asks whoever publishes the package for what nobody else can know, and for the binaries of every platform.
import { readFileSync } from 'node:fs';
import { checkBinary } from './prebuilds/check.mjs';
import { targets } from './prebuilds/targets.mjs';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const problems = ['repository', 'homepage', 'bugs']
  .filter((field) => !manifest[field])
  .map((field) => `package.json has no "${field}": say where the project is published.`);

for (const target of targets) {
  try {
    checkBinary(target);
  } catch (error) {
    problems.push(`${error.message} (npm run prebuilds)`);
  }
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
