/** Names of agents and users beside their ids in the labels of instances that somebody will read. */
import { findDimension } from '../catalog/index.js';
import type { ReadPool } from '../db/read-shares.js';
import { namesOf } from '../query/run.js';
import type { Result } from './apply.js';
import type { Instance } from './rule.js';

/** Adds them in place, to instances that have changed or are told of. */
export async function nameInstances(
  pool: ReadPool,
  tenantId: string,
  results: readonly Result[],
): Promise<void> {
  const read = new Set<Instance>(
    results.flatMap((result) =>
      'applied' in result
        ? [...result.applied.changes, ...result.applied.notices].map(({ instance }) => instance)
        : [],
    ),
  );
  for (const table of ['agents', 'users'] as const) {
    const named = [...read].flatMap((instance) =>
      Object.entries(instance.labels).flatMap(([dimension, id]) => {
        const names = findDimension(dimension)?.names;
        return names?.table === table ? [{ instance, column: names.column, id }] : [];
      }),
    );
    const names = await namesOf(
      pool,
      tenantId,
      table,
      named.map(({ id }) => id),
    );
    for (const { instance, column, id } of named) {
      const name = names.get(id);
      if (name !== undefined) instance.labels[column] = name;
    }
  }
}
