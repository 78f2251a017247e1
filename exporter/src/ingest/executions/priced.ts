/** Which stored executions cost something else than what is stored of them. */
import type { PoolClient } from 'pg';
import type { PriceList } from '../../costs/prices.js';
import { uuidArray } from '../../facts/arrays.js';
import { formatUsd, parseUsd } from '../../money.js';
import { callsOf, type Cost, derive, type State } from './state.js';
import { readUsages } from './store.js';

/** A cost as text that can be compared. A note alone is no reason to write an execution again. */
const textOf = (usd: string | null, source: string): string =>
  `${source} ${usd === null ? '' : formatUsd(parseUsd(usd))}`;
const textOfCost = ({ usd, source }: Cost): string => textOf(usd === null ? null : formatUsd(usd), source);

/** @param states of locked executions, by id */
export async function otherwisePriced(
  client: PoolClient,
  tenantId: string,
  states: ReadonlyMap<string, State>,
  prices: PriceList,
): Promise<string[]> {
  const ids = [...states.keys()];
  if (ids.length === 0) return [];
  const stored = await storedCosts(client, tenantId, ids);
  const usages = await readUsages(client, tenantId, ids);
  const headerOf = (id: string) => states.get(id)!.header;
  await prices.prepare(ids.flatMap((id) => [...callsOf(headerOf(id), usages.get(id) ?? [])]));
  return ids.filter((id) => {
    const { cost, usageCosts } = derive(headerOf(id), usages.get(id) ?? [], prices);
    return stored.get(id)?.join() !== [cost, ...usageCosts].map(textOfCost).join();
  });
}

/** The cost of each execution, followed by those of its usages in their order. */
async function storedCosts(
  client: PoolClient,
  tenantId: string,
  ids: readonly string[],
): Promise<Map<string, string[]>> {
  const { rows } = await client.query<{ id: string; usd: string | null; source: string }>(
    `SELECT id, usd, source FROM (
       SELECT id, -1 AS position, cost_usd::text AS usd, cost_source AS source
       FROM executions WHERE tenant_id = $1 AND id = ANY ($2::uuid[])
       UNION ALL
       SELECT execution_id, position, cost_usd::text, cost_source
       FROM token_usages WHERE tenant_id = $1 AND execution_id = ANY ($2::uuid[])
     ) AS costs ORDER BY id, position`,
    [tenantId, uuidArray(ids)],
  );
  const costs = new Map<string, string[]>();
  for (const { id, usd, source } of rows) {
    const known = costs.get(id);
    if (known === undefined) costs.set(id, [textOf(usd, source)]);
    else known.push(textOf(usd, source));
  }
  return costs;
}
