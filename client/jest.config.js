import { register } from 'tsx/esm/api';

// The PostgreSQL of a test run is started by native import, past the transform of the tests.
register();

/** @type {import('jest').Config} */
export default {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  // A real PostgreSQL for the exporter that the client is tried against.
  globalSetup: '<rootDir>/../exporter/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/../exporter/test/support/global-teardown.mjs',
  coverageThreshold: { global: { statements: 90, branches: 85, functions: 90, lines: 90 } },
  testTimeout: 30_000,
};
