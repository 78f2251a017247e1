/** Ingest of usage events: validates them, registers tenant and agents, assigns endpoint names, and writes the events. */
import type { Pool } from 'pg';
import { minuteStart, rawStart, type Retention } from '../time.js';
import { arrivalsOf, type OnArrivals } from './arrivals.js';
import { available } from './available.js';
import type { EndpointNames } from './endpoints.js';
import { parseEvents, type UsageEvent } from '../facts/event/parse.js';
import type { Partitions } from './partitions.js';
import { replaceEvents, type Replacing } from './replaced-events.js';
import type { IngestAnswer, Rejection } from '../facts/refusal.js';
import type { Registry } from '../tenants/registry.js';
import type { EventWriter } from './writer.js';

export interface IngestDeps {
  pool: Pool;
  registry: Registry;
  endpoints: EndpointNames;
  partitions: Partitions;
  writer: EventWriter;
  retention: Retention;
  now: () => number;
  onArrivals?: OnArrivals;
}

export class Ingest {
  constructor(private readonly deps: IngestDeps) {}

  /**
   * Takes events in their wire format. When this resolves, valid events are durable; invalid ones are listed as rejected.
   * @throws AppError UNAVAILABLE if nothing could be written
   */
  events(tenantId: string, raw: readonly unknown[]): Promise<IngestAnswer> {
    return available(() => this.take(tenantId, raw));
  }

  /**
   * The same for an import whose events replace what it made of the same lines or rows before. One that is replaced
   * counts as accepted.
   */
  replacing(tenantId: string, raw: readonly unknown[], how: Replacing): Promise<IngestAnswer> {
    return available(() => this.replace(tenantId, raw, how));
  }

  /** Resolves when all submitted requests have been answered. */
  drain(): Promise<void> {
    return this.deps.writer.drain();
  }

  private async take(tenantId: string, raw: readonly unknown[]): Promise<IngestAnswer> {
    const { registry, writer, onArrivals } = this.deps;
    const { events, rejected } = await this.prepare(tenantId, raw);
    if (events.length === 0) return { accepted: 0, duplicates: 0, rejected };
    const { accepted, duplicates } = await writer.submit(tenantId, events);
    onArrivals?.(tenantId, arrivalsOf(accepted));
    await registry.rename(tenantId, accepted);
    return { accepted: accepted.length, duplicates, rejected };
  }

  private async replace(tenantId: string, raw: readonly unknown[], how: Replacing): Promise<IngestAnswer> {
    const { pool, registry, partitions, retention } = this.deps;
    const { events, rejected } = await this.prepare(tenantId, raw);
    if (events.length === 0) return { accepted: 0, duplicates: 0, rejected };
    await partitions.ensure(events.map(({ occurredAt }) => occurredAt));
    const minutesFrom = minuteStart(this.deps.now(), retention);
    const { written, renamed } = await replaceEvents(pool, tenantId, events, minutesFrom, how);
    await registry.rename(tenantId, written);
    const accepted = written.length - renamed;
    return { accepted, duplicates: events.length - accepted, rejected };
  }

  /** The valid events, with tenant and agents registered and under the names of their endpoints. */
  private async prepare(
    tenantId: string,
    raw: readonly unknown[],
  ): Promise<{ events: UsageEvent[]; rejected: Rejection[] }> {
    const { registry, endpoints, partitions, retention } = this.deps;
    const now = this.deps.now();
    const oldest = Math.max(rawStart(now, retention), await partitions.droppedBefore());
    const { events, rejected } = parseEvents(raw, { now, oldest });
    if (events.length > 0) {
      await registry.register(tenantId, events);
      await endpoints.assign(tenantId, events);
    }
    return { events, rejected };
  }
}
