/**
 * The seed of everything random in a test run. It is new in each run and printed at its start; `TEST_SEED=<number>`
 * replays the run that printed it.
 */
import { randomInt } from 'node:crypto';
import { Random } from '../../src/demo/random.js';

const VARIABLE = 'TEST_SEED';
const MAX_SEED = 2 ** 31;

/** In the process that starts the run, before its workers: chooses the seed, or checks the given one, and prints it. */
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

/** Numbers from 0 inclusive to 1 exclusive, the same for the same seed of the run and the same key. */
export function randomOf(...key: readonly (string | number)[]): () => number {
  const generator = new Random(testSeed(), ...key);
  return () => generator.unit();
}
