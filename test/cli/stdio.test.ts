import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshFile } from '../support/freshPath';
import { PATIENCE } from '../support/patience';

const repository = join(__dirname, '../..');

// As on Windows, where no descriptor can be adopted; elsewhere all other tests run over those of the engine.
const copy = `
  import stdio from './src/cli/endpoints/stdio.ts';
  import { concat, ignoreElements, timer } from 'rxjs';
  const own = await stdio.stdioOfNode();
  const later$ = timer(50).pipe(ignoreElements());
  concat(own.send(own.data$), later$, own.send(['last'])).subscribe({
    error: (error) => console.error(error.constructor.name, error.code),
    complete: () => own.close(),
  });`;

/** Runs it with this input. @param stdout a descriptor instead of a pipe */
function run(input: string, stdout: 'pipe' | number = 'pipe') {
  return spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', copy], {
    cwd: repository,
    encoding: 'utf8',
    input,
    stdio: ['pipe', stdout, 'pipe'],
    timeout: PATIENCE,
    env: process.env,
  });
}

describe('stdin and stdout of Node.js', () => {
  test('all of stdin comes, and all that is sent is written, to a pipe', () => {
    const input = 'x'.repeat(1_000_000);
    const { stdout, stderr, status } = run(input);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout === `${input}last`).toBe(true);
  });

  test('to a file as well, also from an empty stdin', () => {
    const path = freshFile();
    for (const input of ['', 'text']) {
      const file = openSync(path, 'w');
      const { stderr, status } = run(input, file);
      closeSync(file);
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
      expect(readFileSync(path, 'utf8')).toBe(`${input}last`);
    }
  });
});
