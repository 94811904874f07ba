import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const FILE = join(__dirname, 'mistakes.ts');
const TESTS = join(__dirname, '..');

/** What the compiler says of the file of mistakes: by line, counted from 0. */
function complaints(): Map<number, string> {
  const readText = (path: string) => readFileSync(path, 'utf8');
  const { config } = ts.readConfigFile(join(TESTS, 'tsconfig.json'), readText) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, TESTS);
  const program = ts.createProgram([FILE], options);
  const source = program.getSourceFile(FILE);
  return new Map(
    program
      .getSemanticDiagnostics(source)
      .map(({ file, start = 0, messageText }) => [
        file!.getLineAndCharacterOfPosition(start).line,
        ts.flattenDiagnosticMessageText(messageText, '\n'),
      ]),
  );
}

const told = complaints();
const lines = readFileSync(FILE, 'utf8').split('\n');
const mistakes = lines.flatMap((line, index) => {
  const [, expected] = /^\/\/ says: (.*)$/.exec(lines[index - 1] ?? '') ?? [];
  return expected === undefined ? [] : [{ line, index, expected }];
});

test.each(mistakes)('$line does not compile, and the compiler says why', ({ index, expected }) => {
  expect(told.get(index)).toContain(expected);
});

test('nothing else is said', () => {
  expect([...told.keys()]).toEqual(mistakes.map(({ index }) => index));
});
