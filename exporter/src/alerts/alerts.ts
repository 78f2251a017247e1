/** Alerts as the API has them: made, changed, deleted, tried out and read. */
import type { Pool, PoolClient } from 'pg';
import { lockKey, transactionLock } from '../db/locks.js';
import type { ReadPool } from '../db/read-shares.js';
import { AppError } from '../errors.js';
import { uuidv7 } from '../ids.js';
import type { Channels } from '../outbox/channels/channels.js';
import type { MessageContent } from '../outbox/messages.js';
import { type Author, auditedTransaction } from '../tenants/audit.js';
import { floorTo, MINUTE } from '../time.js';
import { apply, endInstances, knownKeys } from './apply.js';
import { Evaluator } from './evaluate.js';
import { contentOf } from './message.js';
import { nameInstances } from './names.js';
import { notify } from './notify.js';
import { readingOf } from './reading.js';
import { type AlertInput, type AlertState, type Instance, MAX_ALERTS, type Rule } from './rule.js';

import { changed, created, type NewAlert, startsAnew } from './settings.js';
import {
  addEvents,
  alertsLock,
  readInstances,
  readRule,
  removeInstances,
  SETTABLE,
  settingValues,
} from './store.js';

export interface AlertsDeps {
  pool: Pool;
  now: () => number;
  minuteRetentionHours: number;
  /** First instant with minute aggregates. */
  minutesFrom: () => Promise<number>;
  /** Registers the tenant if it is new. */
  register: (tenantId: string) => Promise<void>;
  channels: Pick<Channels, 'checkNames'>;
  /** Without, messages have no links. */
  grafanaUrl: string | undefined;
}

/** What an alert would do now. */
export interface Trial {
  rule: Rule;
  state: AlertState;
  value: number | null;
  samples: number | null;
  from: number;
  to: number;
  instances: Instance[];
  error: string | null;
  /** Of the most relevant group, as if it fired. Null without any. */
  message: MessageContent | null;
}

const UNEVALUATED = {
  state: 'ok' as const,
  value: null,
  since: null,
  evaluatedTo: null,
  lastEvaluatedAt: null,
  lastError: null,
};

const notFound = (id: string): AppError => new AppError('NOT_FOUND', `there is no alert "${id}"`);

export class Alerts {
  constructor(private readonly deps: AlertsDeps) {}

  /** @throws AppError NOT_FOUND */
  async get(pool: ReadPool, tenantId: string, id: string): Promise<Rule> {
    const rule = await readRule(pool, tenantId, id);
    if (rule === undefined) throw notFound(id);
    return rule;
  }

  /** @throws AppError VALIDATION_ERROR, or CONFLICT beyond MAX_ALERTS */
  async create(tenantId: string, input: NewAlert, author: Author): Promise<Rule> {
    const { pool, register, channels } = this.deps;
    const settings = created(input, this.deps);
    await channels.checkNames(tenantId, settings.actions.channels);
    const id = uuidv7();
    await register(tenantId);
    return auditedTransaction(pool, tenantId, author, async (client, record) => {
      // Otherwise those that are created at once would not count each other.
      await transactionLock(client, lockKey('new alerts', tenantId));
      const { rowCount } = await client.query(
        `INSERT INTO alert_rules (tenant_id, id, ${SETTABLE.join(', ')})
         SELECT $1, $2, ${SETTABLE.map((_, i) => `$${i + 3}`).join(', ')}
         WHERE (SELECT count(*) FROM alert_rules WHERE tenant_id = $1) < ${MAX_ALERTS}`,
        [tenantId, id, ...settingValues(settings)],
      );
      if (rowCount === 0) throw new AppError('CONFLICT', `at most ${MAX_ALERTS} alerts a tenant`);
      await record({ resource: 'alert', id, before: null, after: settings });
      return { id, settings, ...UNEVALUATED };
    });
  }

  /**
   * Fields that are left out keep their values. An alert that is changed in more than its times begins anew: if it was
   * firing, it is resolved.
   * @throws AppError NOT_FOUND or VALIDATION_ERROR
   */
  async change(tenantId: string, id: string, input: AlertInput, author: Author): Promise<Rule> {
    await this.deps.channels.checkNames(tenantId, input.actions?.channels ?? []);
    return auditedTransaction(this.deps.pool, tenantId, author, async (client, record) => {
      await transactionLock(client, alertsLock(tenantId));
      const before = await readRule(client, tenantId, id);
      if (before === undefined) throw notFound(id);
      const settings = changed(before.settings, input, this.deps);
      const isNew = startsAnew(before.settings, settings);
      if (isNew) await this.end(client, tenantId, before, 'The alert was changed.');
      const after = { ...before, ...(isNew && UNEVALUATED), settings };
      const reset = isNew
        ? `, state = 'ok', value = NULL, since = NULL, evaluated_to = NULL, last_evaluated_at = NULL, last_error = NULL`
        : '';
      await client.query(
        `UPDATE alert_rules SET ${SETTABLE.map((name, i) => `${name} = $${i + 3}`).join(', ')}${reset}
         WHERE tenant_id = $1 AND id = $2`,
        [tenantId, id, ...settingValues(settings)],
      );
      await record({ resource: 'alert', id, before: before.settings, after: settings });
      return after;
    });
  }

  /** Deletes the alert with its events. If it was firing, it is resolved. @throws AppError NOT_FOUND */
  async delete(tenantId: string, id: string, author: Author): Promise<void> {
    await auditedTransaction(this.deps.pool, tenantId, author, async (client, record) => {
      await transactionLock(client, alertsLock(tenantId));
      const before = await readRule(client, tenantId, id);
      if (before === undefined) throw notFound(id);
      await this.end(client, tenantId, before, 'The alert was deleted.');
      for (const table of [
        'alert_rules WHERE tenant_id = $1 AND id',
        'alert_events WHERE tenant_id = $1 AND rule_id',
      ])
        await client.query(`DELETE FROM ${table} = $2`, [tenantId, id]);
      await record({ resource: 'alert', id, before: before.settings, after: null });
    });
  }

  /** Evaluates the alert now. Changes and sends nothing. @throws AppError NOT_FOUND or VALIDATION_ERROR */
  async try(pool: ReadPool, tenantId: string, id: string): Promise<Trial> {
    const rule = await this.get(pool, tenantId, id);
    const { condition } = rule.settings;
    const reading = readingOf(condition, this.deps);
    const to = floorTo(this.deps.now(), MINUTE);
    const known = (await readInstances(pool, tenantId, [id])).get(id) ?? [];
    const scope = { pool, tenantId, to, minutesFrom: await this.deps.minutesFrom() };
    const evaluation = await new Evaluator(scope).evaluate(condition, reading, knownKeys(known, to));
    const applied = apply(rule, reading, known, evaluation, to);
    const { state, value, instances, error } = applied;
    const first = instances.find((instance) => instance.state === state);
    if (first !== undefined)
      await nameInstances(pool, tenantId, [
        { rule, reading, applied: { ...applied, changes: [{ from: state, instance: first }], notices: [] } },
      ]);
    const occasion = { status: 'firing', since: to, at: to } as const;
    return {
      ...{ rule, state, value, instances, error, ...evaluation.range },
      samples: first?.samples ?? null,
      message:
        first === undefined ? null : contentOf(rule, reading, first, first, occasion, this.deps.grafanaUrl),
    };
  }

  /** Ends the instances of a rule that is changed or deleted, and says so where they were firing. */
  private async end(client: PoolClient, tenantId: string, rule: Rule, reason: string): Promise<void> {
    const known = (await readInstances(client, tenantId, [rule.id])).get(rule.id) ?? [];
    if (known.length === 0) return;
    const at = this.deps.now();
    const { changes, notices } = endInstances(known, at, reason);
    if (notices.length > 0) {
      const reading = readingOf(rule.settings.condition, this.deps);
      await notify(client, tenantId, rule, reading, notices, at, this.deps.grafanaUrl);
    }
    await removeInstances(
      client,
      tenantId,
      known.map(({ key }) => ({ ruleId: rule.id, key })),
    );
    await addEvents(
      client,
      tenantId,
      changes.map(({ from, instance: { labels, value, samples } }) => ({
        ...{ ruleId: rule.id, at, labels, from, to: 'ok' as const, value, samples },
      })),
    );
  }
}
