/** Events as a fleet sends them: most are recent, some are late, all have ids. */
import { DAY, HOUR, MINUTE } from '../../src/time.js';
import type { TestEvent } from '../support/app.js';
import { randomOf } from '../support/seed.js';

const METRICS = [
  'api_calls',
  'api_calls',
  'api_calls',
  'token_issuances',
  'token_failures',
  'credential_rotations',
];
const STATUSES = [200, 201, 200, 404, 500, null];

/** Maximum age of an event, with its cumulative share. */
const AGES: readonly (readonly [share: number, age: number])[] = [
  [0.6, 3 * MINUTE],
  [0.8, 5 * HOUR],
  [0.95, 4 * DAY],
  [1, 40 * DAY],
];

/** `traffic('sender 1')(50, now)` is a batch of 50 events up to `now` (milliseconds), the same for the same key and seed. */
export function traffic(key: string): (size: number, now: number) => TestEvent[] {
  const random = randomOf('traffic', key);
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
