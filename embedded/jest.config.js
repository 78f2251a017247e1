import { register } from 'tsx/esm/api';
import base from '../jest.base.js';

// Jest imports globalSetup natively, past the transform of the tests.
register();

/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: import.meta.dirname,
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  testTimeout: 90_000,
};
