import path from 'node:path';
import { grafanaESModules, nodeModulesToTransform } from './.config/jest/utils.mjs';

// Dates in frames are compared with UTC texts wherever the tests run.
process.env.TZ = 'UTC';

/** @type {import('jest').Config} */
export default {
  rootDir: import.meta.dirname,
  testEnvironment: 'jsdom',
  testMatch: ['<rootDir>/src/**/*.test.{ts,tsx}'],
  setupFilesAfterEnv: ['<rootDir>/.config/jest/setup.ts'],
  moduleNameMapper: {
    '\\.css$': path.resolve(import.meta.dirname, '.config/jest/mocks/style.ts'),
    'react-inlinesvg': path.resolve(import.meta.dirname, '.config/jest/mocks/react-inlinesvg.tsx'),
  },
  transform: {
    '^.+\\.m?[tj]sx?$': [
      '@swc/jest',
      {
        sourceMaps: 'inline',
        jsc: {
          target: 'es2022',
          transform: { react: { runtime: 'automatic' } },
          parser: { syntax: 'typescript', tsx: true, decorators: false, dynamicImport: true },
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: [nodeModulesToTransform(grafanaESModules)],
  collectCoverageFrom: ['src/**/*.{ts,tsx}', '!src/test/**', '!src/**/*.test.{ts,tsx}'],
  coverageThreshold: { global: { statements: 80, branches: 80, functions: 80, lines: 80 } },
  testTimeout: 60_000,
};
