import { register } from 'tsx/esm/api';
import base from '../jest.base.js';

// Jest imports globalSetup natively, past the transform of the tests.
register();

/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: import.meta.dirname,
  // A real PostgreSQL for the exporter that the client is tried against.
  globalSetup: 'agentidp-analytics/testing/global-setup',
  globalTeardown: 'agentidp-analytics/testing/global-teardown',
  testTimeout: 30_000,
};
