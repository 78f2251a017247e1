/** The events of one statement, in the order of their key, with the marks that tell the rollup what to recompute. */
import { EVENTS } from '../aggregates/index.js';
import { floorTo, HOUR, MINUTE } from '../time.js';
import { textArray, timestampArray } from '../facts/arrays.js';
import { EVENT } from '../facts/event/columns.js';
import type { UsageEvent } from '../facts/event/parse.js';
import { parametersOf, writtenColumns } from '../facts/statements.js';

const MARKS = EVENTS.marks;
const COLUMNS = writtenColumns(EVENT);
const parameters = parametersOf(EVENT);
const NAMES = ['tenant_id', ...COLUMNS.map(({ column }) => column)].join(', ');
const ARRAYS = ['text', ...COLUMNS.map(({ type }) => type.sql)].map((type, i) => `$${i + 1}::${type}[]`);
const ROWS = `SELECT * FROM unnest(${ARRAYS.join(', ')})`;
/** The first parameters after the columns. */
const [NEXT, NEXT_BUT_ONE, LAST] = [1, 2, 3].map((i) => `$${ARRAYS.length + i}`) as [string, string, string];

/**
 * For events that were not sent before, which is nearly all of them: a duplicate fails the statement. Looking for
 * conflicts costs half as much again as the insert itself.
 */
export const INSERT_NEW = `
  WITH marks AS (
    INSERT INTO dirty_marks (tenant_id, kind, bucket)
    SELECT * FROM unnest(${NEXT}::text[], ${NEXT_BUT_ONE}::text[], ${LAST}::timestamptz[])
  )
  INSERT INTO usage_events (${NAMES}) ${ROWS}`;

/** For events of which some may be stored already: skips those, and answers the keys of the others. */
export const INSERT_KNOWN = `
  WITH inserted AS (
    INSERT INTO usage_events (${NAMES}) ${ROWS}
    ON CONFLICT DO NOTHING
    RETURNING tenant_id, occurred_at, event_id
  ), marks AS (
    INSERT INTO dirty_marks (tenant_id, kind, bucket)
    SELECT DISTINCT tenant_id, CASE WHEN occurred_at >= ${NEXT} THEN '${MARKS.minute}' ELSE '${MARKS.hour}' END,
           date_trunc(CASE WHEN occurred_at >= ${NEXT} THEN 'minute' ELSE 'hour' END, occurred_at)
    FROM inserted
  )
  SELECT count(*) AS inserted, CASE WHEN count(*) < ${NEXT_BUT_ONE} THEN
           json_agg(json_build_array(tenant_id, extract(epoch FROM occurred_at) * 1000, event_id))
         END AS keys
  FROM inserted`;

/** The answer of INSERT_KNOWN: how many rows are new and, unless all are, the tenant, milliseconds and id of those. */
export interface Inserted {
  inserted: number;
  keys: [string, number, string][] | null;
}

interface Sent {
  tenantId: string;
  events: readonly UsageEvent[];
}

export class EventBatch {
  /** In the order of the key, so that concurrent statements with the same events do not deadlock. */
  readonly events: readonly UsageEvent[];
  readonly tenants: readonly string[];
  private readonly tenantColumn: readonly string[];

  constructor(batch: readonly Sent[]) {
    const byTenant = new Map<string, UsageEvent[]>();
    for (const { tenantId, events } of batch) {
      const facts = byTenant.get(tenantId);
      if (facts === undefined) byTenant.set(tenantId, [...events]);
      else for (const event of events) facts.push(event);
    }
    this.tenants = [...byTenant.keys()].sort();
    const events: UsageEvent[] = [];
    const tenantColumn: string[] = [];
    for (const tenantId of this.tenants) {
      for (const event of sorted(byTenant.get(tenantId)!)) {
        events.push(event);
        tenantColumn.push(tenantId);
      }
    }
    this.events = events;
    this.tenantColumn = tenantColumn;
  }

  /** @param minutesFrom first instant with minute aggregates, milliseconds */
  newParameters(minutesFrom: number): unknown[] {
    const tenants: string[] = [];
    const kinds: string[] = [];
    const buckets: number[] = [];
    this.events.forEach(({ occurredAt }, i) => {
      const tenantId = this.tenantColumn[i]!;
      const byMinute = occurredAt >= minutesFrom;
      const bucket = floorTo(occurredAt, byMinute ? MINUTE : HOUR);
      // In the order of the key, events of one bucket stand together.
      if (buckets.at(-1) === bucket && tenants.at(-1) === tenantId) return;
      tenants.push(tenantId);
      kinds.push(byMinute ? MARKS.minute : MARKS.hour);
      buckets.push(bucket);
    });
    return [...this.columns(), textArray(tenants), textArray(kinds), timestampArray(buckets)];
  }

  /** @param minutesFrom first instant with minute aggregates, milliseconds */
  knownParameters(minutesFrom: number): unknown[] {
    return [...this.columns(), new Date(minutesFrom), this.events.length];
  }

  private columns(): Buffer[] {
    return [textArray(this.tenantColumn), ...parameters(this.events)];
  }
}

/** Most requests have their events in the order of time. */
function sorted(events: UsageEvent[]): UsageEvent[] {
  const isSorted = events.every((event, i) => i === 0 || byKey(events[i - 1]!, event) <= 0);
  return isSorted ? events : events.sort(byKey);
}

function byKey(a: UsageEvent, b: UsageEvent): number {
  return a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
