import { type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { startScript } from './script';

const ROOT = join(__dirname, '../..');
const TESTS = join(ROOT, 'test');

/** A block of TypeScript on a page. */
export interface Sample {
  /** The page, from the root of the repository. */
  readonly page: string;
  /** Its name in reports: the page, and which of its blocks it is, counted from 1. */
  readonly name: string;
  readonly text: string;
  /** What the page says that it prints: a block of text right behind it. Null: the page does not say. */
  readonly output: string | null;
}

/** The samples of a page, in their order. */
export function samplesOf(page: string): Sample[] {
  const source = readFileSync(join(ROOT, page), 'utf8');
  const blocks = source.matchAll(/```ts\n([^]*?)```\n(?:\n```text\n([^]*?)```)?/g);
  return Array.from(blocks, ([, text, output], index) => ({
    page,
    name: `${page}#${index + 1}`,
    text: text!,
    output: output ?? null,
  }));
}

/**
 * What the compiler has to say of samples, each a module of its own.
 *
 * @param declarations what samples use of others
 */
export function complaintsOf(samples: readonly Sample[], declarations = ''): string[] {
  const names = samples.map(({ page }, index) =>
    join(TESTS, `sample-${index}-${basename(page, '.md')}.ts`),
  );
  const declared = join(TESTS, 'samples.d.ts');
  const texts = new Map(samples.map(({ text }, index) => [names[index]!, text]));
  texts.set(declared, declarations);
  const options = optionsOfTests();
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (name) => texts.has(name) || disk.fileExists(name),
    getSourceFile(name, version) {
      const text = texts.get(name);
      return text === undefined
        ? disk.getSourceFile(name, version)
        : ts.createSourceFile(name, text, version);
    },
  };
  const program = ts.createProgram([declared, ...names], options, host);
  return names.flatMap((name, index) =>
    program
      .getSemanticDiagnostics(program.getSourceFile(name))
      .map(
        ({ messageText }) =>
          `${samples[index]!.name}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
      ),
  );
}

function optionsOfTests(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(
    join(TESTS, 'tsconfig.json'),
    ts.sys.readFile.bind(ts.sys),
  ) as { config: unknown };
  return ts.parseJsonConfigFileContent(config, ts.sys, TESTS).options;
}

/** Starts a sample as a program, with other addresses than those of its page. */
export function startSample(
  { text }: Sample,
  changes: Readonly<Record<string, string>> = {},
): ChildProcess {
  let source = text;
  for (const [from, to] of Object.entries(changes)) {
    expect(source).toContain(from);
    source = source.replaceAll(from, to);
  }
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  return startScript(ts.transpileModule(source, { compilerOptions }).outputText);
}
