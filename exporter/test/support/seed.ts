/**
 * The seed of everything random in a test run. Each run has a new one and prints it at its start. To replay a run, set
 * `TEST_SEED` to the printed number.
 */
import { randomInt } from 'node:crypto';
import { Random } from '../../src/demo/random.js';

const VARIABLE = 'TEST_SEED';
const MAX_SEED = 2 ** 31;

/** Chooses the seed, or checks the given one, and prints it. Runs in the main process, before the workers start. */
export function chooseSeed(): void {
  const given = process.env[VARIABLE];
  const seed = given ? Number(given) : randomInt(MAX_SEED);
  if (!Number.isInteger(seed) || seed < 0 || seed >= MAX_SEED)
    throw new Error(`${VARIABLE} must be a whole number from 0 to ${MAX_SEED - 1}, not "${given}"`);
  process.env[VARIABLE] = String(seed);
  process.stderr.write(`Random tests: replay this run with ${VARIABLE}=${seed}\n`);
}

export function testSeed(): number {
  const seed = process.env[VARIABLE];
  if (seed === undefined)
    throw new Error(`${VARIABLE} is not set: run through jest, whose globalSetup sets it`);
  return Number(seed);
}

/** Random numbers from 0 (inclusive) to 1 (exclusive). The same seed and key give the same numbers. */
export function randomOf(...key: readonly (string | number)[]): () => number {
  const generator = new Random(testSeed(), ...key);
  return () => generator.unit();
}
