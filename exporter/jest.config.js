import { register } from 'tsx/esm/api';
import base from '../jest.base.js';

// Jest imports globalSetup natively, past the transform and moduleNameMapper of the tests.
register();

/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: import.meta.dirname,
  setupFilesAfterEnv: ['<rootDir>/test/support/property-tests.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  testTimeout: 300_000,
};
