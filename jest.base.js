/**
 * What the workspaces in native ESM share. Each adds its `rootDir`.
 * @type {import('jest').Config}
 */
export default {
  testEnvironment: 'node',
  // The test process waits for PostgreSQL much of the time, so that each core gets a worker. The default leaves one out.
  maxWorkers: '100%',
  // Memory of native ES modules is not freed after a test file. Also, Jest would not use a worker on a single core.
  workerIdleMemoryLimit: '1GB',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  // Sources import each other with the .js ending that Node's ESM requires.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  coverageThreshold: { global: { statements: 90, branches: 85, functions: 90, lines: 90 } },
};
