import base from '../jest.base.js';

/** @type {import('jest').Config} */
export default { ...base, rootDir: import.meta.dirname, testTimeout: 90_000 };
