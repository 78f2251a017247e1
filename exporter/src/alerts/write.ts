/** Stores what the evaluation of a tenant's alerts has changed. */
import type { ReadPool } from '../db/read-shares.js';
import type { Result } from './apply.js';
import type { Evaluated, Instance } from './rule.js';
import { addEvents, type EvaluatedRule, removeInstances, writeEvaluated, writeInstances } from './store.js';

const MAX_ERROR_LENGTH = 500;

/**
 * An alert that was evaluated again within its minute and found the same is not written: its row would only be as new.
 * @param known the instances before, by rule
 * @param to end of the window
 */
export async function writeResults(
  pool: ReadPool,
  tenantId: string,
  results: readonly Result[],
  known: ReadonlyMap<string, readonly Instance[]>,
  { to, now }: { to: number; now: number },
): Promise<void> {
  const evaluated = results.flatMap((result): EvaluatedRule[] => {
    const after = { id: result.rule.id, ...evaluatedBy(result, to, now) };
    return isAsBefore(result.rule, after) ? [] : [after];
  });
  if (evaluated.length > 0) await writeEvaluated(pool, tenantId, evaluated);
  const applied = results.flatMap((result) =>
    'applied' in result ? [{ ruleId: result.rule.id, ...result.applied }] : [],
  );
  await writeInstances(
    pool,
    tenantId,
    applied.flatMap(({ ruleId, instances }) => {
      const before = new Map(known.get(ruleId)?.map((instance) => [instance.key, instance]));
      return instances
        .filter((instance) => instance.state !== 'ok' && !isSame(instance, before.get(instance.key)))
        .map((instance) => ({ ...instance, ruleId }));
    }),
  );
  const changes = applied.flatMap(({ ruleId, changes }) => changes.map((change) => ({ ruleId, ...change })));
  await removeInstances(
    pool,
    tenantId,
    changes
      .filter(({ instance }) => instance.state === 'ok')
      .map(({ ruleId, instance }) => ({ ruleId, key: instance.key })),
  );
  await addEvents(
    pool,
    tenantId,
    changes.map(({ ruleId, from, instance: { state, labels, value, samples } }) => ({
      ...{ ruleId, at: to, from, to: state, labels, value, samples },
    })),
  );
}

function evaluatedBy(result: Result, to: number, now: number): Evaluated {
  // An alert that fails is tried again with the next minute, not with every rollup.
  if (!('applied' in result)) {
    const { state, value, since, lastEvaluatedAt } = result.rule;
    const lastError = result.error?.slice(0, MAX_ERROR_LENGTH) ?? null;
    return { state, value, since, lastEvaluatedAt, evaluatedTo: to, lastError };
  }
  const { state, value, since, error } = result.applied;
  return { state, value, since, evaluatedTo: to, lastEvaluatedAt: now, lastError: error };
}

const isAsBefore = (before: Evaluated, after: Evaluated): boolean =>
  (['state', 'value', 'since', 'evaluatedTo', 'lastError'] as const).every(
    (name) => before[name] === after[name],
  );

const isSame = (instance: Instance, before: Instance | undefined): boolean =>
  before !== undefined &&
  (['state', 'value', 'samples', 'since', 'notifiedAt'] as const).every(
    (name) => before[name] === instance[name],
  );
