/** What the tests of alerts share. */
import type { LightMyRequestResponse } from 'fastify';
import type { Scope } from '../../src/auth/principal.js';
import type { Message } from '../../src/outbox/messages.js';
import { bodyOf, type Json, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';

export const ADMIN: readonly Scope[] = ['analytics:read', 'analytics:write', 'analytics:admin'];
const ALERTS = '/api/v1/analytics/alerts';

/** A request below /alerts by an administrator of the tenant. */
export async function ask(
  t: TestApp,
  tenant: string,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path = '',
  payload?: object,
): Promise<LightMyRequestResponse> {
  return t.app.inject({
    method,
    url: `${ALERTS}${path}`,
    headers: await t.headers({ tenant, scopes: ADMIN }),
    ...(payload && { payload }),
  });
}

export interface AlertView {
  id: string;
  name: string;
  state: string;
  value: number | null;
  since: string | null;
  last_evaluated_at: string | null;
  last_error: string | null;
  instances: {
    labels: Record<string, string>;
    state: string;
    value: number | null;
    samples: number | null;
  }[];
}

/** An alert on API calls above 10 in 5 minutes, with these changes. */
export async function makeAlert(
  t: TestApp,
  tenant: string,
  { condition, ...settings }: { condition?: object; [field: string]: unknown } = {},
): Promise<AlertView> {
  const response = await ask(t, tenant, 'POST', '', {
    name: 'Many calls',
    condition: { metric: 'api_calls', operator: 'greater_than', threshold: 10, window: '5m', ...condition },
    ...settings,
  });
  if (response.statusCode !== 201) throw new Error(`${response.statusCode}: ${response.body.slice(0, 500)}`);
  return response.json<AlertView>();
}

export const readAlert = (t: TestApp, tenant: string, id: string): Promise<AlertView> =>
  t.read<AlertView>(`alerts/${id}`, tenant);

/** The states before and after each event, oldest first. */
export async function historyOf(t: TestApp, tenant: string, id: string): Promise<string[]> {
  const { events } = bodyOf<{ events: Json[] }>(await ask(t, tenant, 'GET', `/${id}/events`));
  return events.reverse().map(({ from, to }) => `${String(from)} → ${String(to)}`);
}

/** Sets the clock, sends these calls of agents as of a minute before, and rolls up. */
export async function at(
  t: TestApp,
  tenant: string,
  time: string,
  calls: Record<string, number> = {},
): Promise<void> {
  t.setNow(time);
  const occurredAt = new Date(t.clock.now - 60_000).toISOString();
  const events = Object.entries(calls).map(([agentId, count]) => call(occurredAt, { agentId, count }));
  if (events.length > 0) await t.send(tenant, events);
  await t.rollup();
}

/** A webhook that nothing listens at. */
export async function makeChannel(t: TestApp, tenant: string, name = 'hook'): Promise<string> {
  const config = { url: 'http://127.0.0.1:9/' };
  const response = await t.app.inject({
    method: 'POST',
    url: '/api/v1/analytics/channels',
    headers: await t.headers({ tenant, scopes: ADMIN }),
    payload: { name, type: 'webhook', config },
  });
  if (response.statusCode !== 201) throw new Error(response.body);
  return name;
}

/** What was stored to be sent, in its order. */
export async function messagesOf(t: TestApp, tenant: string): Promise<Message['content'][]> {
  const { rows } = await t.pool.query<Message>(
    'SELECT content FROM outbox_messages WHERE tenant_id = $1 ORDER BY id',
    [tenant],
  );
  return rows.map(({ content }) => content);
}
