/**
 * Shares what arrives at this replica with all others: twice a second a row for each tenant of which something has
 * arrived. What has arrived is durable, so that nothing but the live figures of a minute depends on these rows.
 */
import type { Pool } from 'pg';
import type { DatabaseLog } from '../db/log.js';
import { messageOf } from '../errors.js';
import { addArrivals, type Arrivals, noArrivals } from '../ingest/arrivals.js';
import { formatUsd } from '../money.js';

/** With the second that passes between two readings, figures are less than 2 s behind. */
const SHARE_MS = 500;
/** Rows are removed when they have been out of the window for a while. */
const KEPT_SECONDS = 120;
const REMOVE_MS = 30_000;

const SHARE = `
  INSERT INTO live_arrivals (tenant_id, executions, finished, failed, changes, api_calls, tokens, cost_usd)
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
                       $8::numeric[])`;
const REMOVE = `DELETE FROM live_arrivals WHERE at < now() - interval '${KEPT_SECONDS} seconds'`;

export class SharedArrivals {
  private arrived = new Map<string, Arrivals>();
  private timer: NodeJS.Timeout | undefined;
  private sharing: Promise<void> = Promise.resolve();
  private removedAt = 0;
  private hasFailed = false;
  private stopped = false;

  constructor(
    private readonly pool: Pool,
    private readonly log: Pick<DatabaseLog, 'warn'>,
  ) {}

  add(tenantId: string, arrivals: Arrivals): void {
    if (this.stopped) return;
    let sum = this.arrived.get(tenantId);
    if (sum === undefined) this.arrived.set(tenantId, (sum = noArrivals()));
    addArrivals(sum, arrivals);
    this.timer ??= setTimeout(() => void this.share(), SHARE_MS).unref();
  }

  /** Shares what has arrived so far. */
  share(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.sharing = this.sharing.then(() => this.write());
    return this.sharing;
  }

  /** Shares the rest, and takes no more. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.share();
  }

  private async write(): Promise<void> {
    const arrived = this.arrived;
    if (arrived.size === 0) return;
    this.arrived = new Map();
    try {
      await this.pool.query(SHARE, valuesOf(arrived));
      if (Date.now() - this.removedAt > REMOVE_MS) {
        this.removedAt = Date.now();
        await this.pool.query(REMOVE);
      }
      this.hasFailed = false;
    } catch (error) {
      // The live figures lack it. Once a database is away, nothing arrives either.
      if (!this.hasFailed)
        this.log.warn({ error: messageOf(error) }, 'what has arrived is not shared with the live figures');
      this.hasFailed = true;
    }
  }
}

function valuesOf(arrived: ReadonlyMap<string, Arrivals>): unknown[] {
  const all = [...arrived.values()];
  const numbers = (['executions', 'finished', 'failed', 'changes', 'apiCalls', 'tokens'] as const).map(
    (name) => all.map((arrivals) => arrivals[name]),
  );
  return [[...arrived.keys()], ...numbers, all.map(({ usd }) => formatUsd(usd))];
}
