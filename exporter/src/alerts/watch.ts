/**
 * Evaluates the alerts of all tenants with every rollup, over whole minutes that have been rolled up. A tenant's alerts are
 * evaluated by one replica at a time, in one transaction with the messages that they send: so a window counts once, and a
 * message is neither lost nor sent twice. An alert is evaluated again within its minute only if facts that it reads have
 * been rolled up since.
 */
import type { Pool, PoolClient } from 'pg';
import { GROUPS } from '../aggregates/index.js';
import { tryTransactionLock } from '../db/locks.js';
import type { DatabaseLog } from '../db/log.js';
import { isUnavailable, retryTransient, withTransaction } from '../db/pool.js';
import { AppError, messageOf } from '../errors.js';
import type { Channels } from '../outbox/channels/channels.js';
import { floorTo, formatTime, MINUTE } from '../time.js';
import { apply, knownKeys, type Result } from './apply.js';
import { Evaluator } from './evaluate.js';
import { nameInstances } from './names.js';
import { notify } from './notify.js';
import { preparedOn } from './prepared.js';
import { type Reading, readingOf } from './reading.js';
import type { Instance, Rule } from './rule.js';

import {
  activeRules,
  addEvents,
  alertsLock,
  type EvaluatedRule,
  readInstances,
  removeInstances,
  writeEvaluated,
  writeInstances,
} from './store.js';

/** Longest time for one statement, for the alerts of one tenant, and for all of them with one rollup. */
const STATEMENT_MS = 10_000;
const TENANT_MS = 2_000;
const ALL_MS = 5_000;
/** A mark that is older should have been taken by the rollup: what it names is not rolled up yet. */
const OLD_MARK_SECONDS = 20;
/** A tenant whose rollup is further behind cannot be evaluated. */
const MAX_BEHIND_MS = 5 * MINUTE;
/** A window that ends later than this after the present was evaluated by a clock that was ahead. */
const AHEAD_MS = 5 * MINUTE;
/** Tenants whose changes are remembered until they are evaluated. The others are with the next minute. */
const MAX_CHANGED = 10_000;
const MAX_ERROR_LENGTH = 500;

/** Marks that every rollup takes. */
const MARKS = GROUPS.flatMap(({ facts: { marks } }) =>
  marks.seldom === undefined ? [marks.minute ?? [], marks.hour].flat() : [],
);

export interface AlertWatchDeps {
  pool: Pool;
  now: () => number;
  log: Pick<DatabaseLog, 'warn'>;
  minuteRetentionHours: number;
  /** First instant with minute aggregates. */
  minutesFrom: () => Promise<number>;
  channels: Pick<Channels, 'unknown'>;
}

interface Turn {
  tenantId: string;
  /** End of the last whole minute. */
  end: number;
  minutesFrom: number;
  /** Kinds of marks that were rolled up since the last evaluation. */
  changed: ReadonlySet<string>;
}

export class AlertWatch {
  private readonly changed = new Map<string, Set<string>>();
  private readonly failing = new Set<string>();

  constructor(private readonly deps: AlertWatchDeps) {}

  /** Has the tenant's alerts on these facts evaluated with this rollup. */
  rolledUp(tenantId: string, marks: readonly string[]): void {
    if (marks.length === 0 || (this.changed.size >= MAX_CHANGED && !this.changed.has(tenantId))) return;
    const known = this.changed.get(tenantId) ?? new Set();
    for (const mark of marks) known.add(mark);
    this.changed.set(tenantId, known);
  }

  /**
   * Evaluates the alerts that are due, the longest due first. If a tenant fails, that is logged, and the others are
   * evaluated.
   * @returns the number of alerts evaluated
   */
  async evaluateAll(signal?: AbortSignal): Promise<number> {
    const { now, minutesFrom } = this.deps;
    const end = floorTo(now(), MINUTE);
    const tenants = await this.dueTenants(end);
    if (tenants.length === 0) return 0;
    const from = await minutesFrom();
    const began = performance.now();
    let evaluated = 0;
    for (const tenantId of tenants) {
      if (signal?.aborted || performance.now() - began > ALL_MS) return evaluated;
      const changed = this.changed.get(tenantId) ?? new Set();
      this.changed.delete(tenantId);
      evaluated += await this.tryTenant({ tenantId, end, minutesFrom: from, changed });
    }
    this.changed.clear();
    return evaluated;
  }

  private async dueTenants(end: number): Promise<string[]> {
    const { rows } = await this.deps.pool.query<{ id: string }>(
      `SELECT tenant_id AS id FROM alert_rules
       WHERE is_active AND (evaluated_to IS NULL OR evaluated_to < $1 OR evaluated_to > $2 OR tenant_id = ANY ($3::text[]))
       GROUP BY 1 ORDER BY min(coalesce(evaluated_to, '-infinity')), 1`,
      [new Date(end), new Date(end + AHEAD_MS), [...this.changed.keys()]],
    );
    return rows.map(({ id }) => id);
  }

  private async tryTenant(turn: Turn): Promise<number> {
    const { tenantId } = turn;
    try {
      const evaluated = await retryTransient(() => this.tenant(turn, false)).catch((error: unknown) => {
        if (isUnavailable(error)) throw error;
        // A statement has failed: again, each alert by itself, so that one does not stop the others.
        return retryTransient(() => this.tenant(turn, true));
      });
      this.failing.delete(tenantId);
      return evaluated;
    } catch (error) {
      this.rolledUp(tenantId, [...turn.changed]);
      if (!this.failing.has(tenantId)) {
        this.deps.log.warn(
          { tenant: tenantId, error: messageOf(error) },
          'alerts could not be evaluated; they are again with the next rollup',
        );
      }
      if (this.failing.size < MAX_CHANGED) this.failing.add(tenantId);
      return 0;
    }
  }

  private tenant(turn: Turn, careful: boolean): Promise<number> {
    const { tenantId, end } = turn;
    return withTransaction(
      this.deps.pool,
      async (client) => {
        // Before the statement that reads: another replica may just have evaluated them.
        if (!(await tryTransactionLock(client, alertsLock(tenantId)))) return 0;
        const rules = await activeRules(client, tenantId);
        const to = Math.min(end, await rolledUpTo(client, tenantId));
        const due = rules.flatMap((rule) => this.dueReading(rule, to, turn.changed));
        if (due.length === 0) return 0;
        if (end - to > MAX_BEHIND_MS) return this.behind(client, tenantId, due, to);
        return this.evaluate(client, turn, due, to, careful);
      },
      [
        'SET LOCAL jit = off',
        'SET LOCAL plan_cache_mode = force_generic_plan',
        `SET LOCAL statement_timeout = ${STATEMENT_MS}`,
      ],
    );
  }

  private dueReading(rule: Rule, to: number, changed: ReadonlySet<string>): Due[] {
    try {
      const reading = readingOf(rule.settings.condition, this.deps);
      const { evaluatedTo } = rule;
      const isDue = evaluatedTo === null || evaluatedTo < to || evaluatedTo > to + AHEAD_MS;
      return isDue || (evaluatedTo === to && reading.marks.some((mark) => changed.has(mark)))
        ? [{ rule, reading }]
        : [];
    } catch (error) {
      // Such as one whose metric this release does not know.
      return [{ rule, reading: undefined, error: messageOf(error) }];
    }
  }

  /** @returns 0: nothing was evaluated */
  private async behind(
    client: PoolClient,
    tenantId: string,
    due: readonly Due[],
    to: number,
  ): Promise<number> {
    const lastError = `facts since ${formatTime(to)} have not been rolled up yet`;
    const untold = due.filter(({ rule }) => rule.lastError !== lastError);
    if (untold.length > 0) {
      await writeEvaluated(
        client,
        tenantId,
        untold.map(({ rule }) => ({ ...rule, lastError })),
      );
    }
    return 0;
  }

  private async evaluate(
    client: PoolClient,
    { tenantId, minutesFrom }: Turn,
    due: readonly Due[],
    to: number,
    careful: boolean,
  ): Promise<number> {
    const began = performance.now();
    const known = await instancesOf(client, tenantId, due);
    const pool = preparedOn(client);
    const evaluator = new Evaluator({ pool, tenantId, to, minutesFrom });
    const results: Result[] = [];
    for (const { rule, reading, error } of due) {
      if (performance.now() - began > TENANT_MS) break;
      const instances = known.get(rule.id) ?? [];
      results.push(
        reading === undefined
          ? { rule, error: error ?? null }
          : await guarded(client, careful, rule, async () => {
              const { condition } = rule.settings;
              const evaluation = await evaluator.evaluate(condition, reading, knownKeys(instances, to));
              return { rule, reading, applied: apply(rule, reading, instances, evaluation, to) };
            }),
      );
    }
    await nameInstances(pool, tenantId, results);
    const used = new Set(results.flatMap(({ rule }) => rule.settings.actions.channels));
    const missing = await this.deps.channels.unknown(client, tenantId, [...used]);
    for (const [i, result] of results.entries()) {
      if (!('applied' in result)) continue;
      const { rule, reading, applied } = result;
      const send = async (): Promise<Result> => {
        await notify(client, tenantId, rule, reading, applied.notices, to, missing);
        return { rule, reading, applied: { ...applied, error: applied.error ?? missingText(rule, missing) } };
      };
      results[i] = await guarded(client, careful, rule, send);
    }
    await this.write(client, tenantId, results, known, to);
    return results.length;
  }

  private async write(
    client: PoolClient,
    tenantId: string,
    results: readonly Result[],
    known: ReadonlyMap<string, Instance[]>,
    to: number,
  ): Promise<void> {
    const lastEvaluatedAt = this.deps.now();
    await writeEvaluated(
      client,
      tenantId,
      results.map((result): EvaluatedRule => {
        const { rule } = result;
        // An alert that fails is tried again with the next minute, not with every rollup.
        if (!('applied' in result)) {
          return { ...rule, evaluatedTo: to, lastError: result.error?.slice(0, MAX_ERROR_LENGTH) ?? null };
        }
        const { state, value, since, error } = result.applied;
        return { id: rule.id, state, value, since, evaluatedTo: to, lastEvaluatedAt, lastError: error };
      }),
    );
    const applied = results.flatMap((result) =>
      'applied' in result ? [{ ruleId: result.rule.id, ...result.applied }] : [],
    );
    await writeInstances(
      client,
      tenantId,
      applied.flatMap(({ ruleId, instances }) =>
        instances
          .filter((instance) => instance.state !== 'ok' && !isSame(instance, known.get(ruleId)))
          .map((instance) => ({ ...instance, ruleId })),
      ),
    );
    const changes = applied.flatMap(({ ruleId, changes }) =>
      changes.map((change) => ({ ruleId, ...change })),
    );
    await removeInstances(
      client,
      tenantId,
      changes
        .filter(({ instance }) => instance.state === 'ok')
        .map(({ ruleId, instance }) => ({ ruleId, key: instance.key })),
    );
    await addEvents(
      client,
      tenantId,
      changes.map(({ ruleId, from, instance }) => ({
        ruleId,
        at: to,
        from,
        to: instance.state,
        ...figuresOf(instance),
      })),
    );
  }
}

interface Due {
  rule: Rule;
  reading: Reading | undefined;
  error?: string;
}

function missingText({ settings }: Rule, missing: readonly string[]): string | null {
  const names = settings.actions.channels.filter((name) => missing.includes(name));
  return names.length === 0
    ? null
    : `messages are not sent to channels that no longer exist: ${names.join(', ')}`;
}

const figuresOf = ({ labels, value, samples }: Instance): Pick<Instance, 'labels' | 'value' | 'samples'> => ({
  labels,
  value,
  samples,
});

const isSame = (instance: Instance, known: readonly Instance[] = []): boolean => {
  const before = known.find(({ key }) => key === instance.key);
  return (
    before !== undefined &&
    (['state', 'value', 'samples', 'since', 'notifiedAt'] as const).every(
      (name) => before[name] === instance[name],
    )
  );
};

/** Rules that are ok have no instances. */
async function instancesOf(
  client: PoolClient,
  tenantId: string,
  due: readonly Due[],
): Promise<Map<string, Instance[]>> {
  const ids = due.flatMap(({ rule }) => (rule.state === 'ok' ? [] : [rule.id]));
  return ids.length === 0 ? new Map() : readInstances(client, tenantId, ids);
}

/**
 * Runs the work of one rule. When careful, in a savepoint, so that a failed statement leaves the transaction usable.
 * @throws the failure of a statement unless careful
 */
async function guarded(
  client: PoolClient,
  careful: boolean,
  rule: Rule,
  work: () => Promise<Result>,
): Promise<Result> {
  if (careful) await client.query('SAVEPOINT alert');
  try {
    return await work();
  } catch (error) {
    if (isUnavailable(error) || !(careful || error instanceof AppError)) throw error;
    if (careful) await client.query('ROLLBACK TO SAVEPOINT alert');
    return { rule, error: messageOf(error) };
  }
}

/** Up to where the tenant's facts have been rolled up; Infinity if no mark is left behind. */
async function rolledUpTo(client: PoolClient, tenantId: string): Promise<number> {
  const { rows } = await client.query<{ oldest: Date | null }>(
    `SELECT min(bucket) AS oldest FROM dirty_marks
     WHERE tenant_id = $1 AND kind = ANY ($2::text[]) AND marked_at < now() - make_interval(secs => $3)`,
    [tenantId, MARKS, OLD_MARK_SECONDS],
  );
  return rows[0]!.oldest?.getTime() ?? Infinity;
}
