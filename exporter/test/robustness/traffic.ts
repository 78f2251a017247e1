/** Events as a fleet sends them, the same for the same seed: most of now, some late, all with ids. */
import { DAY, HOUR, MINUTE } from '../../src/time.js';
import type { TestEvent } from '../support/app.js';

const METRICS = [
  'api_calls',
  'api_calls',
  'api_calls',
  'token_issuances',
  'token_failures',
  'credential_rotations',
];
const STATUSES = [200, 201, 200, 404, 500, null];

/** How far back an event may lie, and how often it does. */
const AGES: readonly (readonly [share: number, age: number])[] = [
  [0.6, 3 * MINUTE],
  [0.8, 5 * HOUR],
  [0.95, 4 * DAY],
  [1, 40 * DAY],
];

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `traffic(1)(50, now)` is a batch of 50 events up to `now`, milliseconds. */
export function traffic(seed: number): (size: number, now: number) => TestEvent[] {
  const random = randomNumbers(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const digits = (length: number): string =>
    Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
  const event = (now: number): TestEvent => {
    const roll = random();
    const age = AGES.find(([share]) => roll < share)![1];
    const agent = Math.floor(random() * 7);
    const metricType = pick(METRICS);
    const isCall = metricType === 'api_calls';
    return {
      id: `${digits(8)}-${digits(4)}-4${digits(3)}-a${digits(3)}-${digits(12)}`,
      occurredAt: new Date(now - Math.floor(random() * age)).toISOString(),
      metricType,
      count: 1 + Math.floor(random() * 3),
      agentId: agent === 0 ? null : `agent-${agent}`,
      agentName: agent === 0 ? null : `Agent ${agent}`,
      endpoint: isCall && random() < 0.9 ? `GET /things/${Math.floor(random() * 4)}x` : null,
      status: isCall ? pick(STATUSES) : null,
      durationMs: isCall && random() < 0.8 ? Math.round(random() ** 4 * 8_000) / 2 : null,
    };
  };
  return (size, now) => Array.from({ length: size }, () => event(now));
}
