/** Senders that behave like a correct client: every event has an id, and what was not acknowledged is resent. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { TestEvent } from '../support/app.js';
import { expectAggregatesMatch, pendingMarks } from '../support/recount.js';
import type { Answer, Exporter } from './exporter-process.js';
import { DAY, HOUR } from '../../src/time.js';
import { eventually } from './eventually.js';
import { settle } from './replica.js';
import { traffic } from './traffic.js';

const SENDERS = 3;
const BATCH = 40;
const PAUSE_MS = 40;
/** Events per request when all events are resent. */
const REQUEST = 5_000;

export class Load {
  /** Batches for which the response was 200. */
  readonly acknowledged: TestEvent[][] = [];
  /** Every response; undefined for a refused or broken connection. */
  readonly answers: (Answer | undefined)[] = [];
  private readonly sent: TestEvent[][] = [];
  private running = true;
  private readonly senders: Promise<void>[];

  constructor(public exporter: Exporter) {
    this.senders = Array.from({ length: SENDERS }, (_, i) => this.send(traffic(`sender ${i}`)));
  }

  /** Waits until that many more batches were acknowledged. */
  async more(batches: number): Promise<void> {
    const target = this.acknowledged.length + batches;
    await eventually(`${batches} more batches`, () => this.acknowledged.length >= target, 40_000);
  }

  /** Stops the senders. What they could not send stays unacknowledged. */
  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.senders);
  }

  /**
   * Shows that nothing acknowledged is lost and nothing is counted twice: sends everything once more, waits for the
   * exporter's rollup and compares its aggregates with a recount.
   */
  async verify(pool: Pool): Promise<void> {
    expect(await this.post(this.acknowledged.flat())).toBe(0);
    await this.post(this.sent.flat());
    const unique = new Set(this.sent.flat().map(({ id }) => id)).size;
    const { rows } = await pool.query(`SELECT count(*) AS events FROM usage_events WHERE tenant_id = 'acme'`);
    expect(rows).toEqual([{ events: unique }]);
    await eventually('the rollup', async () => {
      const { minute = 0, hour = 0 } = await pendingMarks(pool);
      return minute + hour === 0;
    });
    await settle(pool.options.connectionString!);
    await expectAggregatesMatch(pool, { minutesFrom: Date.now() - 46 * HOUR });
    const calls = this.sent.flat().filter(({ metricType }) => metricType === 'api_calls');
    const { body } = await this.exporter.request('/api/v1/analytics/usage-summary?from=' + daysAgo(90));
    expect(body).toMatchObject({
      summary: { totalApiCalls: calls.reduce((sum, { count }) => sum + Number(count), 0) },
    });
  }

  /** Returns how many of the events were new. */
  private async post(events: readonly TestEvent[]): Promise<number> {
    let accepted = 0;
    for (let first = 0; first < events.length; first += REQUEST) {
      const body = { events: events.slice(first, first + REQUEST) };
      const answer = await eventually('an answer', async () => {
        const got = await this.exporter.request('/api/v1/events', { body });
        return got.status === 503 ? false : got;
      });
      expect(answer).toMatchObject({ status: 200, body: { rejected: [] } });
      accepted += (answer.body as { accepted: number }).accepted;
    }
    return accepted;
  }

  private async send(batch: (size: number, now: number) => TestEvent[]): Promise<void> {
    while (this.running) {
      const events = batch(BATCH, Date.now());
      this.sent.push(events);
      do await delay(PAUSE_MS);
      while (this.running && !(await this.attempt(events)));
    }
  }

  private async attempt(events: TestEvent[]): Promise<boolean> {
    const answer = await this.exporter.request('/api/v1/events', { body: { events } }).catch(() => undefined);
    this.answers.push(answer);
    if (answer?.status !== 200) return false;
    this.acknowledged.push(events);
    return true;
  }
}

const daysAgo = (days: number): string => new Date(Date.now() - days * DAY).toISOString().slice(0, 10);
