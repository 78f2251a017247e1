/**
 * The statement that reads a condition over a range. Tenants' alerts are much the same, and all of them read the same
 * minutes: so a statement is made once, for any tenant, and kept while its range is read.
 */
import { LRUCache } from 'lru-cache';
import type { Statement } from '../db/parameters.js';
import { groupValueStatement } from '../query/group-values.js';
import { MAX_LIMIT } from '../query/plan.js';
import type { Range } from '../query/segments.js';
import { planOf, type Reading } from './reading.js';
import type { Condition } from './rule.js';

/** Characters of all keys: a condition may have many long filters. */
const MAX_CHARACTERS = 4_000_000;
/** Stands for the tenant among the values. No text in PostgreSQL has U+0000, so no other value is the same. */
const ANY_TENANT = '\0';

interface ConditionStatement extends Statement {
  /** How many dimensions it groups by. */
  dimensions: number;
}

const known = new LRUCache<string, ConditionStatement>({
  maxSize: MAX_CHARACTERS,
  sizeCalculation: (_statement, key) => key.length,
});

/** @throws AppError VALIDATION_ERROR for what the catalog does not have */
export function statementOf(
  condition: Condition,
  reading: Reading,
  tenantId: string,
  range: Range,
  minutesFrom: number,
): ConditionStatement {
  const key = `${range.from} ${range.to} ${minutesFrom} ${reading.subject}`;
  let statement = known.get(key);
  if (statement === undefined) {
    const minutesOnly = reading.minutesOnly && range.from >= minutesFrom;
    const plan = planOf(condition, ANY_TENANT, range, minutesFrom, minutesOnly);
    statement = { ...groupValueStatement(plan, MAX_LIMIT), dimensions: plan.groupBy.length };
    known.set(key, statement);
  }
  return { ...statement, values: statement.values.map((value) => (value === ANY_TENANT ? tenantId : value)) };
}
