import { availableParallelism } from 'node:os';

/** Jest 30 as ESM: Nest 12 is ESM only, and Node 20 cannot `require` it inside Jest. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  setupFiles: ['<rootDir>/test/support/jest/property-seed.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // Mercurius requires it for an explorer that is not used; what it requires in turn is ESM, which Jest cannot require.
    '^@fastify/static$': '<rootDir>/test/support/jest/no-static-files.cjs',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2022',
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  maxWorkers: Math.max(2, Math.floor(availableParallelism() * 0.75)),
  // Only what will never come is given up: a busy machine is slow, not wrong.
  testTimeout: 60_000,
};
