import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

// What each layer may import of the others. No file imports upwards.
const allowedImports = {
  arguments: [],
  core: ['arguments'],
  framing: ['arguments'],
  handshake: ['core'],
  sync: ['core', 'framing', 'handshake'],
  reactive: ['core', 'framing', 'handshake'],
  streams: ['core', 'reactive'],
  tls: ['core', 'handshake', 'reactive'],
  testing: ['core', 'framing', 'reactive'],
  inspect: ['core', 'framing', 'reactive', 'testing'],
};
const layers = Object.keys(allowedImports);

// The command line is a program over the library: it imports that by name, as any other does.
const program = {
  files: ['src/cli/**'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^\\.\\./(.*/)?(${layers.filter((layer) => layer !== 'arguments').join('|')})(/|$)`,
            message: 'src/cli imports the library by its name.',
          },
        ],
      },
    ],
  },
};

const layering = layers.map((layer) => {
  // tls is an entry point and no more: its name is that of a folder of reactive as well.
  const forbidden = layers.filter(
    (other) => other !== layer && other !== 'tls' && !allowedImports[layer].includes(other),
  );
  return {
    files: [`src/${layer}/**`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^\\.\\./(.*/)?(${forbidden.join('|')})(/|$)`,
              message: `src/${layer} may import ${allowedImports[layer].join(' and ') || 'no other layer'}.`,
            },
            { regex: '^bipoll(/|$)', message: 'Inside the library, import by relative path.' },
          ],
        },
      ],
    },
  };
});

const useAfter = 'Use after() of src/reactive/timer.ts, which takes any number of milliseconds.';
const TIMERS = ['setTimeout', 'setInterval'];
/** They give their milliseconds to a timer as they are. */
const TIMED_OPERATORS =
  'auditTime|bufferTime|debounceTime|delay|interval|sampleTime|throttleTime|timeout|timer|windowTime';

export default defineConfig(
  // test/types/mistakes.ts is wrong on purpose.
  globalIgnores([
    'build/',
    'coverage/',
    'dist/',
    'docs/.vitepress/cache/',
    'docs/.vitepress/dist/',
    'test/types/mistakes.ts',
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  {
    files: ['**/*.{js,cjs,mjs}'],
    languageOptions: { globals: globals.node },
  },
  {
    files: ['**/*.{js,cjs}'],
    languageOptions: { sourceType: 'commonjs' },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: [
          'tsconfig.json',
          'src/cli/tsconfig.json',
          'src/inspect/page/tsconfig.json',
          'test/tsconfig.json',
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // noUncheckedIndexedAccess leaves no other way to say that an index is in range.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // Jest's asymmetric matchers, such as expect.objectContaining(), are of type any.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    // Timers of JavaScript take 2^31-1 milliseconds at most, and pass at once for more. These know.
    files: ['src/**'],
    ignores: [
      'src/cli/**', // which reads no longer time from its command line
      'src/reactive/timer.ts',
      'src/reactive/loop/Driver.ts', // less than a second
      'src/streams/Stillness.ts',
      'src/sync/tls/thread/**', // some seconds
      'src/testing/**', // frames of virtual time
    ],
    rules: {
      'no-restricted-globals': ['error', ...TIMERS.map((name) => ({ name, message: useAfter }))],
      'no-restricted-syntax': [
        'error',
        ...[
          "CallExpression[callee.property.name='schedule'][arguments.length>1]",
          `MemberExpression[object.name=/^global(This)?$/][property.name=/^(${TIMERS.join('|')})$/]`,
          `ImportDeclaration[source.value='rxjs'] ImportSpecifier[imported.name=/^(${TIMED_OPERATORS})$/]`,
          'ImportDeclaration[source.value=/^(node:)?timers/]',
        ].map((selector) => ({ selector, message: useAfter })),
      ],
    },
  },
  layering,
  program,
);
