// Builds dist/: one CommonJS implementation, in which the entry points share their chunks, and small CommonJS and ES modules
// around it. Either way of importing thus gives the same classes. The entry points are those that package.json exports.
import { readFileSync, rmSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import typescript from '@rollup/plugin-typescript';
import { transform } from 'esbuild';
import { dts } from 'rollup-plugin-dts';
import { textOf } from './scripts/program/textOf.cjs';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const entries = Object.values(manifest.exports)
  .filter((target) => typeof target === 'object')
  .map((target) => target.require.default.match(/^\.\/dist\/(.+)\.js$/)[1]);

/** Leaves no file of an earlier build in the output. */
function emptyOutput() {
  return {
    name: 'empty-output',
    renderStart({ dir }) {
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/**
 * Adds for each entry two modules that name its exports: a CommonJS one and an ES one around it. Node.js reads the whole of
 * a CommonJS module for its exports when an ES module imports it, which takes some 20 ms for one with all the code.
 */
function entryModules() {
  return {
    name: 'entry-modules',
    generateBundle(options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (!chunk.isEntry) continue;
        const code = basename(chunk.fileName);
        const names = chunk.exports.map((name) => `exports.${name} = code.${name};\n`);
        this.emitFile({
          type: 'asset',
          fileName: `${chunk.name}.js`,
          source: `'use strict';\nconst code = require('./${code}');\n${names.join('')}`,
        });
        this.emitFile({
          type: 'asset',
          fileName: `${chunk.name}.mjs`,
          source: `export { ${chunk.exports.join(', ')} } from './${basename(chunk.name)}.js';\n`,
        });
      }
    },
  };
}

/** Adds for each entry the types of its ES module, which are those of the CommonJS one. */
function esModuleTypes() {
  return {
    name: 'es-module-types',
    generateBundle(options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (!chunk.isEntry) continue;
        const source = `./${basename(chunk.name)}.js`;
        this.emitFile({
          type: 'asset',
          fileName: `${chunk.name}.d.mts`,
          source: `export * from '${source}';\n`,
        });
      }
    },
  };
}

/** Indents by tabs, which makes the package lighter by a tenth of its code. No text of ours has several lines. */
function tabs() {
  return {
    name: 'tabs',
    renderChunk: (code) => code.replace(/^(?: {4})+/gm, (indent) => '\t'.repeat(indent.length / 4)),
  };
}

/** Leaves out all space that nobody needs: the code of a program, unlike that of a library, is read by nobody's debugger. */
function dense() {
  return {
    name: 'dense',
    renderChunk: (code) => transform(code, { minifyWhitespace: true, minifySyntax: true }),
  };
}

/** Gives a program that is imported with `?text` as its text, a dense one. */
function programTexts() {
  const suffix = '?text';
  return {
    name: 'program-texts',
    resolveId(name, importer) {
      return name.endsWith(suffix) ? resolve(dirname(importer), name) : null;
    },
    async load(id) {
      if (!id.endsWith(suffix)) return null;
      const text = textOf(id.slice(0, -suffix.length));
      const { code } = await transform(text, { minifyWhitespace: true, minifySyntax: true });
      return `export default ${JSON.stringify(code)};`;
    },
  };
}

const input = Object.fromEntries(entries.map((name) => [name, `src/${name}.ts`]));
const external = [/^node:/, /\/binding\.js$/, 'rxjs', /^rxjs\//];

/** @type {import('rollup').RollupOptions[]} */
export default [
  {
    input,
    external,
    output: {
      dir: 'dist',
      format: 'cjs',
      exports: 'named',
      interop: 'default',
      hoistTransitiveImports: false,
      entryFileNames: ({ name }) => `${dirname(name)}/${basename(dirname(name))}.js`,
      chunkFileNames: 'chunks/[name].js',
    },
    plugins: [
      emptyOutput(),
      programTexts(),
      // The comments are a quarter of it; those for users are in the declarations.
      typescript({ noEmitOnError: true, declaration: false, removeComments: true }),
      entryModules(),
      tabs(),
    ],
  },
  {
    // The command line imports the library as any program does: by its name.
    input: 'src/cli/main.ts',
    external: [...external, /^bipoll(\/|$)/],
    output: {
      dir: 'dist',
      format: 'cjs',
      interop: 'default',
      dynamicImportInCjs: false, // which would load the ES modules, for no more than that
      entryFileNames: 'cli/main.js',
      chunkFileNames: 'cli/[name].js',
    },
    plugins: [
      typescript({
        tsconfig: 'src/cli/tsconfig.json',
        noEmitOnError: true,
        declaration: false,
        removeComments: true,
      }),
      dense(),
    ],
  },
  {
    // Declarations too are rolled up, so that what is internal cannot be imported, nor break the build of a user.
    input,
    external,
    output: { dir: 'dist', entryFileNames: '[name].d.ts', chunkFileNames: 'chunks/[name].d.ts' },
    plugins: [dts(), esModuleTypes(), tabs()],
  },
];
