// Turns a TypeScript program of several files into one text of JavaScript, for `new Worker(text, { eval: true })`. Bundlers
// and single executables leave a text as it is, while a file of its own would have to be copied beside them.
'use strict';

const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { ModuleKind, ScriptTarget, transpileModule } = require('typescript');

const compilerOptions = {
  module: ModuleKind.CommonJS,
  target: ScriptTarget.ES2022,
  esModuleInterop: true,
  removeComments: true,
};

/** The text of the program that begins in this file, with what it imports by relative path. */
function textOf(file) {
  const pieces = [];
  collect(file, new Map(), pieces);
  return pieces.join('\n');
}

/** Adds a file behind those that it imports. @returns the variable that has its exports */
function collect(file, variables, pieces) {
  const known = variables.get(file);
  if (known !== undefined) return known;
  const variable = `file${variables.size}`;
  variables.set(file, variable);
  const { outputText } = transpileModule(readFileSync(file, 'utf8'), { compilerOptions });
  const body = outputText.replace(/require\("(\.[^"]+)"\)/g, (_, name) =>
    collect(join(dirname(file), `${name}.ts`), variables, pieces),
  );
  pieces.push(`const ${variable} = {};\n((exports) => {\n${body}})(${variable});`);
  return variable;
}

module.exports = { textOf };
