import { createRequire } from 'node:module';
import path from 'node:path';
import { register } from 'tsx/esm/api';
import base from '../jest.base.js';

// Jest imports globalSetup natively, past the transform of the tests.
register();

const fromPlugin = createRequire(import.meta.resolve('agentidp-analytics-datasource/package.json'));
const folderOf = (name) => path.dirname(fromPlugin.resolve(`${name}/package.json`));

/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: import.meta.dirname,
  moduleNameMapper: {
    ...base.moduleNameMapper,
    // Whole, they load in a bundle for browsers only.
    '^@grafana/(data|runtime)$': '<rootDir>/test/support/grafana-$1.mjs',
    '^@grafana/data/dist/(.*)$': `${folderOf('@grafana/data')}/dist/$1`,
    '^@grafana/runtime/dist/(.*)$': `${folderOf('@grafana/runtime')}/dist/$1`,
  },
  // A real PostgreSQL for the exporter that the panels' queries are sent to.
  globalSetup: 'agentidp-analytics/testing/global-setup',
  globalTeardown: 'agentidp-analytics/testing/global-teardown',
  testTimeout: 30_000,
};
