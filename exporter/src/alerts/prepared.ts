/**
 * Statements that are planned once per connection: planning costs more than reading some rows, and alerts run the same
 * statements every minute with other values.
 */
import { hash } from 'node:crypto';
import type { PoolClient, QueryResult, QueryResultRow } from 'pg';
import type { ReadPool } from '../db/read-shares.js';

/** Statements that are kept, in each connection. Others are planned each time. */
const MAX_PREPARED = 200;

/** Names by text. */
const names = new Map<string, string>();

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MAX_PREPARED) return known;
  const name = `alerts-${hash('sha256', text).slice(0, 32)}`;
  names.set(text, name);
  return name;
}

/** For transactions with `plan_cache_mode = force_generic_plan`. */
export const preparedOn = (client: PoolClient): ReadPool => ({
  query: <R extends QueryResultRow>(text: string, values: unknown[] = []): Promise<QueryResult<R>> =>
    client.query<R>({ name: nameOf(text), text, values }),
});
