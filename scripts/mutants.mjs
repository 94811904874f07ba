// Makes the mistakes of test/mutants.mjs, one by one, and runs the tests that are to notice each. Those that no test notices
// have survived, which is a failure. The checkout is not touched: all happens in copies of it.
//
// npm run test:mutants -- Outgoing    only those in files whose names have this
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { mutants } from '../test/mutants.mjs';

const TIME_LIMIT = 90_000; // ms; a mistake may well make a test run for ever
const LINKED = ['node_modules', 'build'];
const COPIED = (name) => !name.startsWith('.') && ![...LINKED, 'dist', 'coverage'].includes(name);

/** A copy of the checkout, in which one mistake after the other is made. */
class Copy {
  directory = mkdtempSync(join(tmpdir(), 'bipoll-mutants-'));

  constructor() {
    for (const name of readdirSync('.').filter(COPIED)) {
      cpSync(name, join(this.directory, name), { recursive: true });
    }
    for (const name of LINKED)
      symlinkSync(join(process.cwd(), name), join(this.directory, name), 'junction');
  }

  /** What the tests make of a mistake. */
  async try({ file, tests, from, to }) {
    const path = join(this.directory, file);
    const original = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      original.replace(from, () => to),
    );
    const result = await this.test(tests);
    writeFileSync(path, original);
    return result;
  }

  /** @returns what noticed it: the titles of the tests that failed, or what became of all of them */
  async test(tests) {
    const output = join(this.directory, 'jest.json');
    rmSync(output, { force: true });
    const jest = join('node_modules', 'jest', 'bin', 'jest.js');
    const args = [
      ...['--runInBand', '--silent', '--json', `--outputFile=${output}`],
      ...['--testTimeout=8000', '--forceExit'], // what a mistake leaves open would keep the process alive
      ...tests,
    ];
    const child = spawn(process.execPath, [jest, ...args], {
      cwd: this.directory,
      stdio: 'ignore',
      timeout: TIME_LIMIT,
      killSignal: 'SIGKILL',
    });
    const [, signal] = await new Promise((resolve) =>
      child.once('close', (...how) => resolve(how)),
    );
    if (signal) return ['the time limit'];
    if (!existsSync(output)) return ['the end of the test process'];
    const { testResults } = JSON.parse(readFileSync(output, 'utf8'));
    return testResults.flatMap(({ status, message, assertionResults }) => {
      const failed = assertionResults.filter((each) => each.status === 'failed');
      // A file that cannot even be loaded has no tests.
      if (failed.length === 0 && status === 'failed') return [message.trim().split('\n')[0]];
      return failed.map(({ fullName }) => fullName);
    });
  }

  remove() {
    rmSync(this.directory, { recursive: true });
  }
}

/** What of the list is to be corrected, as the files have changed. */
const stale = [];

/** All that are asked for, each once in its file. */
function chosen(name) {
  return mutants
    .filter(({ file }) => file.includes(name))
    .flatMap(({ file, tests, changes }) => {
      const source = readFileSync(file, 'utf8');
      stale.push(...tests.filter((path) => !existsSync(path)).map((path) => `There is no ${path}`));
      return changes.map(([from, to]) => {
        const count = source.split(from).length - 1;
        if (count !== 1) stale.push(`${file} has this ${count} times, instead of once:\n${from}`);
        const line = source.slice(0, source.indexOf(from)).split('\n').length;
        return { file, tests, from, to, where: `${basename(file)}:${line}` };
      });
    });
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

function describe({ where, from, to }, failed) {
  const change = `${from} -> ${to || 'nothing'}`.replaceAll(/\s+/g, ' ');
  if (failed.length === 0) return `SURVIVED  ${where}  ${change}`;
  const others = failed.length > 1 ? ` and ${failed.length - 1} more` : '';
  return `killed    ${where}  ${change}\n          by ${failed[0]}${others}`;
}

const all = chosen(process.argv[2] ?? '');
if (all.length === 0) fail('There are no such mutants.');
if (stale.length > 0) fail(stale.join('\n\n'));
const copies = Array.from({ length: Math.min(availableParallelism(), 4) }, () => new Copy());
process.once('SIGINT', () => process.exit(130));
process.once('exit', () => {
  for (const copy of copies) copy.remove();
});

const failedWithout = await copies[0].test([...new Set(all.flatMap(({ tests }) => tests))]);
if (failedWithout.length > 0) {
  fail(`Without any mistake these fail:\n${failedWithout.join('\n')}`);
}

const left = [...all];
const survivors = [];
await Promise.all(
  copies.map(async (copy) => {
    for (let mutant; (mutant = left.shift());) {
      const failed = await copy.try(mutant);
      if (failed.length === 0) survivors.push(mutant);
      console.log(describe(mutant, failed));
    }
  }),
);
console.log(`\n${all.length - survivors.length} of ${all.length} mutants were killed.`);
process.exitCode = survivors.length > 0 ? 1 : 0;
