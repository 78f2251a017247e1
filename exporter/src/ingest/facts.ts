/** The rows of one statement: in the order of their key, with the marks that the rollup will find them by. */
import { floorTo, HOUR, MINUTE } from '../time.js';
import { doubleArray, integerArray, smallintArray, textArray, timestampArray, uuidArray } from './arrays.js';
import type { UsageEvent } from './events.js';

const COLUMNS =
  'tenant_id, occurred_at, event_id, agent_id, metric_type, count, endpoint, status_code, duration_ms, user_id';
const ROWS = `
  SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::int[], $7::text[],
                       $8::smallint[], $9::float8[], $10::text[])`;

/**
 * For events that nobody has sent before, which is nearly all of them: a row that is there already fails the statement.
 * Looking for conflicts costs half as much again as the insert itself.
 */
export const INSERT_NEW = `
  WITH marks AS (
    INSERT INTO dirty_marks (tenant_id, kind, bucket)
    SELECT * FROM unnest($11::text[], $12::text[], $13::timestamptz[])
  )
  INSERT INTO usage_events (${COLUMNS}) ${ROWS}`;

/** For events of which some may be there: leaves those as they are, and answers the keys of the others. */
export const INSERT_KNOWN = `
  WITH inserted AS (
    INSERT INTO usage_events (${COLUMNS}) ${ROWS}
    ON CONFLICT DO NOTHING
    RETURNING tenant_id, occurred_at, event_id
  ), marks AS (
    INSERT INTO dirty_marks (tenant_id, kind, bucket)
    SELECT DISTINCT tenant_id, CASE WHEN occurred_at >= $11 THEN 'minute' ELSE 'hour' END,
           date_trunc(CASE WHEN occurred_at >= $11 THEN 'minute' ELSE 'hour' END, occurred_at)
    FROM inserted
  )
  SELECT count(*) AS inserted, CASE WHEN count(*) < $12 THEN
           json_agg(json_build_array(tenant_id, extract(epoch FROM occurred_at) * 1000, event_id))
         END AS keys
  FROM inserted`;

/** The answer of INSERT_KNOWN: how many rows are new and, unless all are, their tenant, milliseconds and id. */
export interface Inserted {
  inserted: number;
  keys: [string, number, string][] | null;
}

interface Sent {
  tenantId: string;
  events: readonly UsageEvent[];
}

export class Facts {
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
    const sorted = this.tenants.map((tenantId) => byTenant.get(tenantId)!.sort(byKey));
    this.events = sorted.flat();
    this.tenantColumn = sorted.flatMap((events, i) => Array<string>(events.length).fill(this.tenants[i]!));
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
      kinds.push(byMinute ? 'minute' : 'hour');
      buckets.push(bucket);
    });
    return [...this.columns(), textArray(tenants), textArray(kinds), timestampArray(buckets)];
  }

  /** @param minutesFrom first instant with minute aggregates, milliseconds */
  knownParameters(minutesFrom: number): unknown[] {
    return [...this.columns(), new Date(minutesFrom), this.events.length];
  }

  private columns(): Buffer[] {
    const { events } = this;
    return [
      textArray(this.tenantColumn),
      timestampArray(events.map((event) => event.occurredAt)),
      uuidArray(events.map((event) => event.eventId)),
      textArray(events.map((event) => event.agentId)),
      textArray(events.map((event) => event.metricType)),
      integerArray(events.map((event) => event.count)),
      textArray(events.map((event) => event.endpoint)),
      smallintArray(events.map((event) => event.status)),
      doubleArray(events.map((event) => event.durationMs)),
      textArray(events.map((event) => event.userId)),
    ];
  }
}

function byKey(a: UsageEvent, b: UsageEvent): number {
  return a.occurredAt - b.occurredAt || (a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0);
}
