/** The tables of alerts. */
import type { Pool, PoolClient } from 'pg';
import { GROUPS } from '../aggregates/index.js';
import { lockKey } from '../db/locks.js';
import { bytesOf, firstThatFit, fitting, type PageOfRows } from '../db/page-bytes.js';
import type { ReadPool } from '../db/read-shares.js';
import { uuidv7 } from '../ids.js';
import type { AlertSettings, AlertState, Condition, Evaluated, Instance, Labels, Rule } from './rule.js';

/** Events of one alert that are kept: the newest. */
export const MAX_EVENTS = 1_000;

/** Held while a tenant's alerts are evaluated or changed, so that one replica does either at a time. */
export const alertsLock = (tenantId: string): string => lockKey('alerts', tenantId);

interface RuleRow {
  id: string;
  name: string;
  condition: Condition;
  for: string;
  repeat: string;
  severity: AlertSettings['severity'];
  channels: string[];
  message: string | null;
  isActive: boolean;
  state: AlertState;
  value: number | null;
  since: Date | null;
  evaluatedTo: Date | null;
  lastEvaluatedAt: Date | null;
  lastError: string | null;
}

const RULE_COLUMNS = `id, name, condition, for_text AS "for", repeat_text AS "repeat", severity, channels, message,
  is_active AS "isActive", state, value, since, evaluated_to AS "evaluatedTo", last_evaluated_at AS "lastEvaluatedAt",
  last_error AS "lastError"`;

const ruleOf = (row: RuleRow): Rule => ({
  id: row.id,
  settings: {
    name: row.name,
    condition: row.condition,
    for: row.for,
    severity: row.severity,
    actions: { channels: row.channels, message: row.message },
    repeat_interval: row.repeat,
    is_active: row.isActive,
  },
  state: row.state,
  value: row.value,
  since: row.since?.getTime() ?? null,
  evaluatedTo: row.evaluatedTo?.getTime() ?? null,
  lastEvaluatedAt: row.lastEvaluatedAt?.getTime() ?? null,
  lastError: row.lastError,
});

export async function readRule(
  client: ReadPool | PoolClient,
  tenantId: string,
  id: string,
): Promise<Rule | undefined> {
  const { rows } = await (client as ReadPool).query<RuleRow>(
    `SELECT ${RULE_COLUMNS} FROM alert_rules WHERE tenant_id = $1 AND id = $2`,
    [tenantId, id],
  );
  return rows[0] && ruleOf(rows[0]);
}

/** Oldest first, after the one with this id. */
export async function listRules(
  pool: ReadPool,
  tenantId: string,
  { limit, after, state }: { limit: number; after: string | undefined; state: string | undefined },
): Promise<PageOfRows<Rule>> {
  const found = await pool.query<RuleRow>(
    firstThatFit(
      `SELECT ${RULE_COLUMNS} FROM alert_rules
       WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id > $2) AND ($3::text IS NULL OR state = $3) ORDER BY id LIMIT $4`,
      { size: bytesOf('condition'), order: 'page.id' },
    ),
    [tenantId, after ?? null, state ?? null, limit + 1],
  );
  const { rows, more } = fitting(found.rows, limit);
  return { rows: rows.map(ruleOf), more };
}

/** A mark that is older should have been taken by the rollup: what it names is not rolled up yet. */
const OLD_MARK_SECONDS = 20;
/** Marks that every rollup takes. */
const MARKS = GROUPS.flatMap(({ facts: { marks } }) =>
  marks.seldom === undefined ? [marks.minute ?? [], marks.hour].flat() : [],
);

/** With up to where the tenant's facts have been rolled up: Infinity if no mark is left behind. */
export async function activeRules(
  pool: ReadPool,
  tenantId: string,
): Promise<{ rules: Rule[]; rolledUpTo: number }> {
  const { rows } = await pool.query<RuleRow & { oldest: Date | null }>(
    `SELECT ${RULE_COLUMNS}, (
       SELECT min(bucket) FROM dirty_marks
       WHERE tenant_id = $1 AND kind = ANY ($2::text[]) AND marked_at < now() - make_interval(secs => $3)
     ) AS oldest
     FROM alert_rules WHERE tenant_id = $1 AND is_active ORDER BY evaluated_to NULLS FIRST, id`,
    [tenantId, MARKS, OLD_MARK_SECONDS],
  );
  return { rules: rows.map(ruleOf), rolledUpTo: rows[0]?.oldest?.getTime() ?? Infinity };
}

/** The values of the settings, in the order of SETTABLE. */
export const settingValues = (settings: AlertSettings): unknown[] => [
  settings.name,
  JSON.stringify(settings.condition),
  settings.for,
  settings.repeat_interval,
  settings.severity,
  settings.actions.channels,
  settings.actions.message,
  settings.is_active,
];
export const SETTABLE = [
  'name',
  'condition',
  'for_text',
  'repeat_text',
  'severity',
  'channels',
  'message',
  'is_active',
];

interface InstanceRow extends Omit<Instance, 'since' | 'notifiedAt'> {
  ruleId: string;
  since: Date;
  notifiedAt: Date | null;
}

const INSTANCE_COLUMNS = `rule_id AS "ruleId", key, labels, state, value, samples, since, notified_at AS "notifiedAt"`;

const instanceOf = ({ ruleId: _, ...row }: InstanceRow): Instance => ({
  ...row,
  since: row.since.getTime(),
  notifiedAt: row.notifiedAt?.getTime() ?? null,
});

/** Of these rules, by rule. */
export async function readInstances(
  client: ReadPool | PoolClient,
  tenantId: string,
  rules: readonly string[],
): Promise<Map<string, Instance[]>> {
  const { rows } = await (client as ReadPool).query<InstanceRow>(
    `SELECT ${INSTANCE_COLUMNS} FROM alert_instances WHERE tenant_id = $1 AND rule_id = ANY ($2::uuid[]) ORDER BY since, key`,
    [tenantId, rules],
  );
  const byRule = new Map<string, Instance[]>();
  for (const row of rows) {
    const known = byRule.get(row.ruleId);
    if (known === undefined) byRule.set(row.ruleId, [instanceOf(row)]);
    else known.push(instanceOf(row));
  }
  return byRule;
}

export type EvaluatedRule = Evaluated & { id: string };

const timeOrNull = (at: number | null): Date | null => (at === null ? null : new Date(at));

export async function writeEvaluated(
  client: ReadPool,
  tenantId: string,
  rules: readonly EvaluatedRule[],
): Promise<void> {
  await client.query(
    `UPDATE alert_rules r SET state = e.state, value = e.value, since = e.since, evaluated_to = e.evaluated_to,
       last_evaluated_at = e.last_evaluated_at, last_error = e.last_error
     FROM unnest($2::uuid[], $3::text[], $4::float8[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[], $8::text[])
       AS e (id, state, value, since, evaluated_to, last_evaluated_at, last_error)
     WHERE r.tenant_id = $1 AND r.id = e.id`,
    [
      tenantId,
      rules.map(({ id }) => id),
      rules.map(({ state }) => state),
      rules.map(({ value }) => value),
      rules.map(({ since }) => timeOrNull(since)),
      rules.map(({ evaluatedTo }) => timeOrNull(evaluatedTo)),
      rules.map(({ lastEvaluatedAt }) => timeOrNull(lastEvaluatedAt)),
      rules.map(({ lastError }) => lastError),
    ],
  );
}

export type InstanceOf = Instance & { ruleId: string };

export async function writeInstances(
  client: ReadPool,
  tenantId: string,
  instances: readonly InstanceOf[],
): Promise<void> {
  if (instances.length === 0) return;
  await client.query(
    `INSERT INTO alert_instances (tenant_id, rule_id, key, labels, state, value, samples, since, notified_at)
     VALUES ($1, unnest($2::uuid[]), unnest($3::text[]), unnest($4::jsonb[]), unnest($5::text[]), unnest($6::float8[]),
       unnest($7::float8[]), unnest($8::timestamptz[]), unnest($9::timestamptz[]))
     ON CONFLICT (tenant_id, rule_id, key) DO UPDATE SET labels = excluded.labels, state = excluded.state,
       value = excluded.value, samples = excluded.samples, since = excluded.since, notified_at = excluded.notified_at`,
    [
      tenantId,
      instances.map(({ ruleId }) => ruleId),
      instances.map(({ key }) => key),
      instances.map(({ labels }) => JSON.stringify(labels)),
      instances.map(({ state }) => state),
      instances.map(({ value }) => value),
      instances.map(({ samples }) => samples),
      instances.map(({ since }) => new Date(since)),
      instances.map(({ notifiedAt }) => timeOrNull(notifiedAt)),
    ],
  );
}

export async function removeInstances(
  client: ReadPool,
  tenantId: string,
  gone: readonly { ruleId: string; key: string }[],
): Promise<void> {
  if (gone.length === 0) return;
  await client.query(
    `DELETE FROM alert_instances WHERE tenant_id = $1
       AND (rule_id, key) IN (SELECT * FROM unnest($2::uuid[], $3::text[]))`,
    [tenantId, gone.map(({ ruleId }) => ruleId), gone.map(({ key }) => key)],
  );
}

export interface NewEvent {
  ruleId: string;
  at: number;
  labels: Labels;
  from: AlertState;
  to: AlertState;
  value: number | null;
  samples: number | null;
}

/** Beyond MAX_EVENTS, the oldest of the alert give way. */
export async function addEvents(
  client: ReadPool,
  tenantId: string,
  events: readonly NewEvent[],
): Promise<void> {
  if (events.length === 0) return;
  await client.query(
    `INSERT INTO alert_events (tenant_id, id, rule_id, at, labels, from_state, to_state, value, samples)
     VALUES ($1, unnest($2::uuid[]), unnest($3::uuid[]), unnest($4::timestamptz[]), unnest($5::jsonb[]), unnest($6::text[]),
       unnest($7::text[]), unnest($8::float8[]), unnest($9::float8[]))`,
    [
      tenantId,
      events.map(() => uuidv7()),
      events.map(({ ruleId }) => ruleId),
      events.map(({ at }) => new Date(at)),
      events.map(({ labels }) => JSON.stringify(labels)),
      events.map(({ from }) => from),
      events.map(({ to }) => to),
      events.map(({ value }) => value),
      events.map(({ samples }) => samples),
    ],
  );
  for (const ruleId of new Set(events.map((event) => event.ruleId))) {
    await client.query(
      `DELETE FROM alert_events WHERE tenant_id = $1 AND rule_id = $2
         AND id <= (SELECT id FROM alert_events WHERE tenant_id = $1 AND rule_id = $2 ORDER BY id DESC OFFSET $3 LIMIT 1)`,
      [tenantId, ruleId, MAX_EVENTS],
    );
  }
}

/** Deletes events older than `before`, milliseconds. @returns the number deleted */
export async function dropOldEvents(pool: Pool, before: number): Promise<number> {
  const { rowCount } = await pool.query('DELETE FROM alert_events WHERE at < $1', [new Date(before)]);
  return rowCount ?? 0;
}
