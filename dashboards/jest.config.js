import { createRequire } from 'node:module';
import path from 'node:path';
import { register } from 'tsx/esm/api';

// The server of a test run is started by native import, past the transform of the tests.
register();

const fromPlugin = createRequire(new URL('../plugin/package.json', import.meta.url));
const folderOf = (name) => path.dirname(fromPlugin.resolve(`${name}/package.json`));

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } },
    ],
  },
  moduleNameMapper: {
    // Sources import each other with the .js ending that Node's ESM wants.
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // Whole, they load in a bundle for browsers only.
    '^@grafana/(data|runtime)$': '<rootDir>/test/support/grafana-$1.mjs',
    '^@grafana/data/dist/(.*)$': `${folderOf('@grafana/data')}/dist/$1`,
    '^@grafana/runtime/dist/(.*)$': `${folderOf('@grafana/runtime')}/dist/$1`,
  },
  // A real PostgreSQL for the exporter that the panels' queries are sent to.
  globalSetup: '<rootDir>/../exporter/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/../exporter/test/support/global-teardown.mjs',
  testTimeout: 30_000,
};
