/** Runs before each test file: property tests use the seed of the run, unless a test sets its own. */
import fc from 'fast-check';
import { testSeed } from './seed.js';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: testSeed() });
