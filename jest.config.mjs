/** @type {import('jest').Config} */
export default {
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/fixtures/', '<rootDir>/test/native/'],
  // More than the patience of any wait in the tests, which says what it waited for.
  testTimeout: 180_000,
  setupFilesAfterEnv: ['<rootDir>/test/support/handleSignals.ts'],
  transform: {
    '[/\\\\]program\\.ts$': '<rootDir>/scripts/program/jest.cjs',
    // Transpiles only: `npm run typecheck` checks the types, of the tests too.
    '\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/test/tsconfig.json' }],
  },
  moduleNameMapper: {
    '^bipoll$': '<rootDir>/src/core/index.ts',
    '^bipoll/(\\w+)$': '<rootDir>/src/$1/index.ts',
    '^(.+)\\?text$': '$1',
  },
};
