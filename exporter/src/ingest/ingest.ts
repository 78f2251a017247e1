/** Ingest of usage events: validates them, registers tenant and agents, assigns endpoint names, and writes the events. */
import { rawStart, type Retention } from '../time.js';
import { available } from './available.js';
import type { EndpointNames } from './endpoints.js';
import { parseEvents } from '../facts/event/parse.js';
import type { Partitions } from './partitions.js';
import type { IngestAnswer } from '../facts/refusal.js';
import type { Registry } from '../tenants/registry.js';
import type { EventWriter } from './writer.js';

export interface IngestDeps {
  registry: Registry;
  endpoints: EndpointNames;
  partitions: Partitions;
  writer: EventWriter;
  retention: Retention;
  now: () => number;
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

  /** Resolves when all submitted requests have been answered. */
  drain(): Promise<void> {
    return this.deps.writer.drain();
  }

  private async take(tenantId: string, raw: readonly unknown[]): Promise<IngestAnswer> {
    const { registry, endpoints, partitions, writer, retention } = this.deps;
    const now = this.deps.now();
    const oldest = Math.max(rawStart(now, retention), await partitions.droppedBefore());
    const { events, rejected } = parseEvents(raw, { now, oldest });
    if (events.length === 0) return { accepted: 0, duplicates: 0, rejected };
    await registry.register(tenantId, events);
    await endpoints.assign(tenantId, events);
    const { accepted, duplicates } = await writer.submit(tenantId, events);
    await registry.rename(tenantId, accepted);
    return { accepted: accepted.length, duplicates, rejected };
  }
}
