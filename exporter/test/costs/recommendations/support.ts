/** Made tenants of which it is known what can be saved. */
import { type Json, type TestApp } from '../../support/app.js';
import { execution, type TestExecution } from '../../support/executions.js';

const MINUTE = 60_000;

export interface Recommendation {
  id: string;
  kind: string;
  title: string;
  savings: number | null;
  action: string;
  agent_id: string | null;
  model: string | null;
  evidence: Json & { arithmetic: string; executions: string[] };
  caveat: string | null;
  dismissed: boolean;
}
export interface Answer {
  period: { name: string | null; start: string; end: string };
  total_savings: number;
  recommendations: Recommendation[];
}

export const ADMIN = ['analytics:read', 'analytics:write', 'analytics:admin'] as const;

let numbers = 0;

/**
 * Executions one after the other.
 * @param everyMs how far apart they start
 * @param fields of the i-th
 */
export function runs(
  count: number,
  from: string,
  fields: (i: number) => Record<string, unknown>,
  everyMs = MINUTE,
): TestExecution[] {
  return Array.from({ length: count }, (_, i) => {
    numbers += 1;
    return execution(numbers, new Date(Date.parse(from) + i * everyMs).toISOString(), fields(i));
  });
}

/** Sends them; throws unless all are accepted. */
export async function send(t: TestApp, tenant: string, executions: readonly object[]): Promise<void> {
  for (let first = 0; first < executions.length; first += 1_000) {
    const part = executions.slice(first, first + 1_000);
    const response = await t.post('/api/v1/executions', { executions: part }, tenant);
    expect(response.json<Json>()).toEqual({ accepted: part.length, duplicates: 0, rejected: [] });
  }
}

export const recommendations = (t: TestApp, tenant: string, query = ''): Promise<Answer> =>
  t.read<Answer>(`costs/recommendations${query}`, tenant);

export async function ofKind(
  t: TestApp,
  tenant: string,
  kind: string,
  query = '',
): Promise<Recommendation[]> {
  const answer = await recommendations(t, tenant, query);
  return answer.recommendations.filter((one) => one.kind === kind);
}

export async function price(t: TestApp, tenant: string, body: object): Promise<void> {
  const response = await t.app.inject({
    method: 'PUT',
    url: '/api/v1/analytics/prices',
    headers: await t.headers({ tenant, scopes: ADMIN }),
    payload: { provider: 'openai', effective_from: '2026-01-01', ...body },
  });
  expect(response.statusCode).toBe(200);
}

/** Whether the i-th of a hundred is one of the given share that succeed, spread evenly. */
export const statusAt = (i: number, percent: number): 'success' | 'failure' =>
  Math.floor(((i + 1) * percent) / 100) > Math.floor((i * percent) / 100) ? 'success' : 'failure';
