/** The business metrics: rendered once per snapshot and tenant selection, so a scrape costs a copy of bytes. */
import { Counter, Gauge, Registry } from 'prom-client';
import { METRICS } from '../catalog/index.js';
import { type AgentFigures, bounded, type BusinessSnapshot, snapshotOf } from '../rollup/snapshot.js';

const AGENT_LABELS = ['tenant', 'agent'] as const;

/** Every counted metric of the catalog is a counter; the totals bear its name. */
const COUNTERS = METRICS.filter(({ formula }) => formula.op === 'sum').map(({ name, description }) => ({
  name: `agentidp_${name}_total`,
  help: description,
  total: name,
}));

/** Gauges by the time that they show, unix seconds. */
const TIMES: readonly { name: string; help: string; time: (figures: AgentFigures) => number | undefined }[] =
  [
    {
      name: 'agentidp_credential_last_rotation_timestamp_seconds',
      help: 'Last credential rotation, or first sign of an agent that never rotated; of agent="other" the oldest.',
      time: (figures) => figures.lastRotatedAt,
    },
    {
      name: 'agentidp_agent_last_seen_timestamp_seconds',
      help: 'Last event of an agent; of agent="other" the latest.',
      time: (figures) => figures.lastSeenAt,
    },
  ];

/** A fresh registry a call: a shared one, reset between scrapes, would mix two scrapes at once. */
export async function renderBusiness(snapshot: BusinessSnapshot): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  for (const { name, help, total } of COUNTERS) {
    const counter = new Counter({ name, help, labelNames: AGENT_LABELS, registers });
    for (const { tenant, agent, totals } of snapshot.agents)
      counter.inc({ tenant, agent }, totals[total] ?? 0);
  }
  for (const { name, help, time } of TIMES) {
    const gauge = new Gauge({ name, help, labelNames: AGENT_LABELS, registers });
    for (const figures of snapshot.agents) {
      const at = time(figures);
      if (at !== undefined) gauge.set({ tenant: figures.tenant, agent: figures.agent }, at / 1000);
    }
  }
  const active = new Gauge({
    name: 'agentidp_active_agents',
    help: 'Agents of a tenant with an event within the last 24 hours.',
    labelNames: ['tenant'],
    registers,
  });
  for (const [tenant, count] of snapshot.activeAgents) active.set({ tenant }, count);
  return registry.metrics();
}

export const BUSINESS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Keeps the text of the newest snapshot. */
export class BusinessMetrics {
  private rendered: { snapshot: BusinessSnapshot; text: Promise<string> } | undefined;

  constructor(private readonly current: () => BusinessSnapshot | undefined) {}

  /** Every tenant's metrics; undefined until the first rollup has left a snapshot. */
  async all(): Promise<string | undefined> {
    const snapshot = this.current();
    if (snapshot === undefined) return undefined;
    if (this.rendered?.snapshot !== snapshot)
      this.rendered = { snapshot, text: renderBusiness(bounded(snapshot)) };
    return this.rendered.text;
  }

  /** One tenant's metrics. */
  async of(tenantId: string): Promise<string | undefined> {
    const snapshot = this.current();
    return snapshot === undefined ? undefined : renderBusiness(snapshotOf(snapshot, tenantId));
  }
}
