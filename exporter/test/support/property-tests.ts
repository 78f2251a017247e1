/** Runs before each test file: property tests take the seed of the run, unless one names its own. */
import fc from 'fast-check';
import { testSeed } from './seed.js';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: testSeed() });
