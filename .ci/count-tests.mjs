// Sums the reports in a directory, Jest's JSON and CTest's JUnit XML, into one line.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [directory] = process.argv.slice(2);

function countJest(text) {
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(text);
  return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
}

function countJUnit(text) {
  const count = (name) => Number(text.match(new RegExp(`<testsuite[^>]*\\b${name}="(\\d+)"`))[1]);
  const failed = count('failures');
  return { passed: count('tests') - failed - count('skipped') - count('disabled'), failed };
}

let passed = 0;
let failed = 0;
for (const name of readdirSync(directory)) {
  const text = readFileSync(join(directory, name), 'utf8');
  const count = name.endsWith('.xml') ? countJUnit(text) : countJest(text);
  passed += count.passed;
  failed += count.failed;
}
console.log(`Tests: ${passed} passed, ${failed} failed`);
