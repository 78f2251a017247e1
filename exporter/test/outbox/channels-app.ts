/** What the tests of channels share: an app that may reach loopback, its channels, and messages. */
import { randomUUID } from 'node:crypto';
import type { LightMyRequestResponse } from 'fastify';
import { withTransaction } from '../../src/db/pool.js';
import type { ChannelView } from '../../src/outbox/channels/channels.js';
import { type Message, type MessageContent, sendLater } from '../../src/outbox/messages.js';
import { eventually } from '../robustness/eventually.js';
import { testApp, type TestApp, type TestAppOptions } from '../support/app.js';

const ADMIN = ['analytics:read', 'analytics:admin'] as const;
export const keyOf = (name: string): string => `${name}:${Buffer.alloc(32, name).toString('base64')}`;

export const channelsApp = ({ env, ...options }: TestAppOptions = {}): Promise<TestApp> =>
  testApp({ env: { OUTBOUND_ALLOW: '127.0.0.0/8', SECRETS_KEY: keyOf('k1'), ...env }, ...options });

/** A request below /channels by an administrator of the tenant. */
export async function ask(
  t: TestApp,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path = '',
  payload?: object,
  tenant = 'acme',
): Promise<LightMyRequestResponse> {
  return t.app.inject({
    method,
    url: `/api/v1/analytics/channels${path}`,
    headers: await t.headers({ tenant, scopes: ADMIN }),
    ...(payload && { payload }),
  });
}

export async function makeChannel(
  t: TestApp,
  channel: { name: string; type: string; config: object },
  tenant = 'acme',
): Promise<ChannelView> {
  const response = await ask(t, 'POST', '', channel, tenant);
  if (response.statusCode !== 201) throw new Error(response.body);
  return response.json();
}

export const CONTENT: MessageContent = {
  title: 'Error rate of <billing> is high',
  summary: 'The error rate is 12 %, above 5 %.',
  severity: 'critical',
  status: 'firing',
  dedupKey: 'rule-1',
  labels: { agent: 'billing-bot', 'error type': 'timeout', empty: '' },
  figures: [{ title: 'Error rate', value: '12 %', change: '+7 points' }],
  links: [{ title: 'Dashboard', url: 'https://grafana.example.org/d/1' }],
  startsAt: '2026-03-18T11:58:00.000Z',
};

/** Stores a message and has it sent. @returns its id */
export async function send(t: TestApp, message: Partial<Message>): Promise<string> {
  const id = message.id ?? randomUUID();
  await withTransaction(t.pool, (client) =>
    sendLater(client, {
      ...{ tenantId: 'acme', kind: 'alert', channels: [], recipients: [], content: CONTENT },
      ...message,
      id,
    }),
  );
  t.services.deliveries.kick();
  return id;
}

export interface DeliveryRow {
  channel: string | null;
  attempts: number;
  /** Seconds until the next attempt. */
  wait: number | null;
  sent: boolean;
  error: string | null;
}

export async function deliveries(t: TestApp, id: string): Promise<DeliveryRow[]> {
  const { rows } = await t.pool.query<DeliveryRow>(
    `SELECT channel, attempts, extract(epoch FROM next_attempt_at - now())::float8 AS wait, sent_at IS NOT NULL AS sent,
            last_error AS error
     FROM outbox_deliveries WHERE message_id = $1 ORDER BY channel NULLS LAST`,
    [id],
  );
  return rows;
}

/** Waits until every delivery of the message has been tried and noted. */
export const settled = (t: TestApp, id: string): Promise<DeliveryRow[]> =>
  eventually('the deliveries are noted', async () => {
    const rows = await deliveries(t, id);
    return rows.every(({ sent, error }) => sent || error !== null) && rows;
  });

/** Makes everything that waits due now, and sends it. */
export async function retryNow(t: TestApp): Promise<void> {
  await t.pool.query(
    'UPDATE outbox_deliveries SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL',
  );
  t.services.deliveries.kick();
}
