/**
 * Evaluates the alerts of one tenant that are due, in one transaction with the messages that they send: so a window counts
 * once, and a message is neither lost nor sent twice.
 */
import type { Pool, PoolClient } from 'pg';
import { hasLock, tryTransactionLockSql } from '../db/locks.js';
import { isUnavailable, withTransaction } from '../db/pool.js';
import type { ReadPool } from '../db/read-shares.js';
import { AppError, messageOf } from '../errors.js';
import type { Channels } from '../outbox/channels/channels.js';
import { formatTime, MINUTE } from '../time.js';
import { apply, knownKeys, type Result } from './apply.js';
import { Evaluator } from './evaluate.js';
import { nameInstances } from './names.js';
import { notify } from './notify.js';
import { preparedOn } from './prepared.js';
import type { Reading, Readings } from './reading.js';
import type { Instance, Rule } from './rule.js';
import { activeRules, alertsLock, readInstances, writeEvaluated } from './store.js';
import { writeResults } from './write.js';

/** Longest time for one statement, and for the alerts of one tenant. */
const STATEMENT_MS = 10_000;
const TENANT_MS = 2_000;
/** A tenant whose rollup is further behind cannot be evaluated. */
const MAX_BEHIND_MS = 5 * MINUTE;
/** A window that ends later than this after the present was evaluated by a clock that was ahead. */
export const AHEAD_MS = 5 * MINUTE;

export interface TurnDeps {
  pool: Pool;
  now: () => number;
  channels: Pick<Channels, 'unknown'>;
  readings: Readings;
  /** Without, messages have no links. */
  grafanaUrl: string | undefined;
}

export interface Turn {
  tenantId: string;
  /** End of the last whole minute. */
  end: number;
  minutesFrom: number;
  /** Kinds of marks that were rolled up since the last evaluation. */
  changed: ReadonlySet<string>;
}

interface Due {
  rule: Rule;
  reading: Reading | undefined;
  error?: string;
}

/**
 * @param careful each alert by itself, so that one whose statement fails does not stop the others
 * @returns the number of alerts evaluated
 */
export function evaluateTenant(deps: TurnDeps, turn: Turn, careful: boolean): Promise<number> {
  const { tenantId, end } = turn;
  return withTransaction(
    deps.pool,
    async (client, locked) => {
      if (!hasLock(locked)) return 0;
      const pool = preparedOn(client);
      const { rules, rolledUpTo } = await activeRules(pool, tenantId);
      const to = Math.min(end, rolledUpTo);
      const due = rules.flatMap((rule) => dueReading(rule, to, turn.changed, deps.readings));
      if (due.length === 0) return 0;
      if (end - to > MAX_BEHIND_MS) return behind(pool, tenantId, due, to);
      return evaluate(deps, { client, pool, turn, due, to, careful });
    },
    [
      'SET LOCAL jit = off',
      'SET LOCAL plan_cache_mode = force_generic_plan',
      `SET LOCAL statement_timeout = ${STATEMENT_MS}`,
      // Before the statement that reads: another replica may just have evaluated them.
      tryTransactionLockSql(alertsLock(tenantId)),
    ],
  );
}

function dueReading(rule: Rule, to: number, changed: ReadonlySet<string>, readings: Readings): Due[] {
  try {
    const reading = readings.of(rule.settings.condition);
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
async function behind(pool: ReadPool, tenantId: string, due: readonly Due[], to: number): Promise<number> {
  const lastError = `facts since ${formatTime(to)} have not been rolled up yet`;
  const untold = due.filter(({ rule }) => rule.lastError !== lastError);
  if (untold.length > 0) {
    await writeEvaluated(
      pool,
      tenantId,
      untold.map(({ rule }) => ({ ...rule, lastError })),
    );
  }
  return 0;
}

interface Work {
  client: PoolClient;
  /** Statements on the client that stay prepared. */
  pool: ReadPool;
  turn: Turn;
  due: readonly Due[];
  to: number;
  careful: boolean;
}

async function evaluate(
  { now, channels, grafanaUrl }: TurnDeps,
  { client, pool, turn: { tenantId, minutesFrom }, due, to, careful }: Work,
): Promise<number> {
  const began = performance.now();
  const known = await instancesOf(pool, tenantId, due);
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
  const missing = await channels.unknown(pool, tenantId, [...used]);
  for (const [i, result] of results.entries()) {
    if (!('applied' in result)) continue;
    const { rule, reading, applied } = result;
    const send = async (): Promise<Result> => {
      await notify(client, tenantId, rule, reading, applied.notices, to, grafanaUrl, missing);
      return { rule, reading, applied: { ...applied, error: applied.error ?? missingText(rule, missing) } };
    };
    results[i] = await guarded(client, careful, rule, send);
  }
  await writeResults(pool, tenantId, results, known, { to, now: now() });
  return results.length;
}

function missingText({ settings }: Rule, missing: readonly string[]): string | null {
  const names = settings.actions.channels.filter((name) => missing.includes(name));
  return names.length === 0
    ? null
    : `messages are not sent to channels that no longer exist: ${names.join(', ')}`;
}

/** Rules that are ok have no instances. */
async function instancesOf(
  pool: ReadPool,
  tenantId: string,
  due: readonly Due[],
): Promise<Map<string, Instance[]>> {
  const ids = due.flatMap(({ rule }) => (rule.state === 'ok' ? [] : [rule.id]));
  return ids.length === 0 ? new Map() : readInstances(pool, tenantId, ids);
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
